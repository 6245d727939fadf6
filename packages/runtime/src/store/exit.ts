import type { ContainerId } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { writeAtomically } from './files.ts'

/** Nanoseconds since the epoch, as the shim writes times. */
const now = (): bigint => BigInt(Date.now()) * 1_000_000n

/** Its monitor, or the rt that was starting it, was killed. `began`: the former wrote when its program began, and how often again. */
export const writeDead = (
  layout: Layout,
  id: ContainerId,
  began: { readonly started: bigint; readonly restarts: number } | undefined,
): void => writeAtomically(layout.exit(id), `137 9 ${now()} ${began?.started ?? 0} ${began?.restarts ?? 0} dead\n`)

/** A start of a container that is kept did not come as far as its program. */
export const writeFailedStart = (layout: Layout, id: ContainerId, exitCode: number): void =>
  writeAtomically(layout.exit(id), `${exitCode} 0 ${now()} 0 0\n`)
