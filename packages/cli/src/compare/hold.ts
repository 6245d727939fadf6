import { shimPath } from '@rt/native/look'
import type { Container, PerformedPlan } from '@rt/runtime'
import { type Calls, callRun, complaintIn } from './call.ts'
import type { Column, Combination } from './comparison.ts'
import { containerOf } from './measure.ts'

/** A container that does nothing, to be looked at. */
export interface Held {
  readonly container: Container
  readonly plan: PerformedPlan
}

/** Where the program lies in it that does nothing: the shim itself, which needs nothing of the image. */
export const PAUSE = '/.rt-pause'

/** Starts one of these drivers, or says why it cannot be. */
export const hold = async (
  calls: Calls,
  combination: Combination,
): Promise<Held | { readonly failure: NonNullable<Column['failure']> }> => {
  const name = calls.name()
  const words = ['-d', `--name=${name}`, `--volume=${shimPath()}:${PAUSE}:ro`, `--entrypoint=${PAUSE}`]
  const { code, stderr } = await callRun(calls, combination, [...words, '--', calls.image, 'pause'])
  const container = containerOf(calls, name)
  if (code !== 0 || container === undefined) return { failure: complaintIn(stderr) }
  if (container.state.pid === 0)
    return { failure: { message: `its container ended at once, with exit status ${container.state.exitCode}` } }
  return { container, plan: (await calls.rt.planOf(name)).plan }
}
