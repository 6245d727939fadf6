import { Script } from 'node:vm'
import { RtError } from '@rt/driver-api'

/** Milliseconds that a third party's driver has to be loaded, and again for every answer. */
export const LIMIT = Number(process.env.RT_DRIVER_TIMEOUT ?? 10_000)

const CALL = Symbol.for('rt.driver.call')
const script = new Script(`globalThis[Symbol.for('rt.driver.call')]()`)

/**
 * Calls what may never come back: V8 ends a loop without end, a timer a promise that nobody settles. The timer also keeps Node from ending
 * silently where there is nothing left to wait for.
 *
 * @param doing completes "The network driver x took longer than 10 s to ..."
 * @throws RtError RT_DRIVER_TIMEOUT, and what `call` throws
 */
export const limited = <T>(who: string, doing: string, call: () => T): T => {
  const late = (cause?: unknown): RtError =>
    new RtError('RT_DRIVER_TIMEOUT', `The ${who} took longer than ${LIMIT / 1000} s to ${doing}.`, { cause })
  const answer = bounded(call, late)
  return isPromise(answer) ? (inTime(answer, late) as T) : answer
}

const bounded = <T>(call: () => T, late: (cause: unknown) => RtError): T => {
  const slot = globalThis as Record<symbol, unknown>
  const before = slot[CALL]
  const { exit } = process
  slot[CALL] = call
  process.exit = () => {
    throw new Error('it calls process.exit')
  }
  try {
    return script.runInThisContext({ timeout: LIMIT }) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw late(error)
    throw error
  } finally {
    slot[CALL] = before
    process.exit = exit
  }
}

const inTime = async <T>(answer: PromiseLike<T>, late: () => RtError): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      answer,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late()), LIMIT)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
