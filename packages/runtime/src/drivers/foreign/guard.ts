import { answerProblem, type DriverKind, isRtError, RtError } from '@rt/driver-api'
import { limited } from './limit.ts'

export interface Foreign {
  readonly kind: DriverKind
  /** `network driver "macvlan" (rt-driver-net-macvlan 1.2.0)` */
  readonly label: string
}

/**
 * A third party's driver as the runtime sees it: every answer comes in time and is one, every error names the driver. What optional methods and
 * fields it has is as before.
 */
export const guard = (who: Foreign, driver: object): object =>
  new Proxy(driver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function' || typeof key === 'symbol' || key === 'constructor') return value
      return (...given: unknown[]) => ask(who, key, () => value.apply(target, given))
    },
  })

const ask = (who: Foreign, method: string, call: () => unknown): unknown => {
  try {
    const answer = limited(who.label, `answer ${method}`, call)
    return answer instanceof Promise
      ? answer.then(
          (value) => checked(who, method, value),
          (error: unknown) => {
            throw named(who, method, error)
          },
        )
      : checked(who, method, answer)
  } catch (error) {
    throw named(who, method, error)
  }
}

const checked = (who: Foreign, method: string, answer: unknown): unknown => {
  const problem = answerProblem(who.kind, method, answer)
  if (problem === undefined) return answer
  throw new RtError('RT_DRIVER_ANSWER', `The ${who.label} was asked to ${method}, and its answer ${problem}.`)
}

const named = (who: Foreign, method: string, error: unknown): RtError => {
  if (isRtError(error)) return error
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
  return new RtError('RT_DRIVER_FAILED', `The ${who.label} failed when it was asked to ${method}: ${line}`, {
    cause: error,
  })
}
