import { lstatSync, readdirSync } from 'node:fs'
import { isRtError } from '@rt/driver-api'
import type { CapturedRun } from '@rt/native/look'
import type { Container } from '@rt/runtime'
import { type Calls, callRun } from './call.ts'
import type { Combination } from './comparison.ts'

/** One run of the command. */
export interface Measured extends Pick<CapturedRun, 'stdout' | 'stderr' | 'truncated'> {
  readonly exitCode: number
  /** undefined: its program never began. */
  readonly startMs?: number
  readonly finishMs: number
  readonly diskBytes: number
  readonly memoryBytes?: number
}

/** Between two looks at what it uses. */
const PAUSE_MS = 5

/** Runs the command once, and takes the container away again. */
export const measure = async (calls: Calls, combination: Combination): Promise<Measured> => {
  const name = calls.name()
  const watch = new AbortController()
  const memory = watchMemory(calls, name, watch.signal)
  let run: CapturedRun
  try {
    run = await callRun(calls, combination, [`--name=${name}`, '--', calls.image, ...calls.command])
  } finally {
    watch.abort()
  }
  const memoryBytes = await memory
  const container = containerOf(calls, name)
  const started = container?.state.started
  const result = {
    exitCode: run.code,
    stdout: run.stdout,
    stderr: run.stderr,
    truncated: run.truncated,
    finishMs: run.ended - run.begun,
    ...(started !== undefined && { startMs: Number(started) / 1e6 - run.begun }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    diskBytes: container ? allocated(calls.rt.layout.container(container.record.id)) : 0,
  }
  if (container) await calls.remove([name])
  return result
}

/** undefined: there is none, or none any more. */
export const containerOf = ({ rt }: Pick<Calls, 'rt'>, name: string): Container | undefined => {
  try {
    return rt.find(name)
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_CONTAINER_UNKNOWN') return undefined
    throw error
  }
}

/** The most that the container was seen to use until `signal`; undefined: it was not seen. */
const watchMemory = async (calls: Calls, name: string, signal: AbortSignal): Promise<number | undefined> => {
  let most: number | undefined
  while (!signal.aborted) {
    const used = await memoryOf(calls, containerOf(calls, name))
    // Nothing yet: it has just been made.
    if (used) most = Math.max(most ?? 0, used)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return most
}

/** Its control group's, where it runs and its isolation driver counts. */
export const memoryOf = async (
  { rt }: Pick<Calls, 'rt'>,
  container: Container | undefined,
): Promise<number | undefined> => {
  if (container?.state.status !== 'running') return undefined
  const driver = await rt.drivers.resolve('isolation', container.record.drivers.isolation)
  try {
    return (await driver.usage?.(container.record))?.memoryBytes
  } catch (error) {
    // It has ended meanwhile.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Bytes that a tree takes on the disk; a file with several names counts once. */
const allocated = (path: string, seen = new Set<bigint>()): number => {
  const { ino, blocks, nlink } = lstatSync(path, { bigint: true })
  if (nlink > 1n) {
    if (seen.has(ino)) return 0
    seen.add(ino)
  }
  const own = Number(blocks) * 512
  if (!lstatSync(path).isDirectory()) return own
  return readdirSync(path).reduce((sum, name) => sum + allocated(`${path}/${name}`, seen), own)
}
