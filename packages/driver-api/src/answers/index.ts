import type { DriverKind } from '../drivers/context.ts'
import { stepsProblem } from './steps.ts'

export { stepsProblem, type Where } from './steps.ts'

type Check = (answer: unknown) => string | undefined
type Fields = Readonly<Record<string, unknown>>

/** The methods that a driver of a kind must have; the others are optional. */
export const REQUIRED_METHODS: Readonly<Record<DriverKind, readonly string[]>> = {
  net: ['probe', 'setup'],
  storage: ['probe', 'prepare'],
  isolation: ['probe', 'launch'],
}

/**
 * What keeps a driver's answer from being one, as the end of a sentence ("the answer to setup ..."); undefined: nothing. rt asks this of
 * third-party drivers before it writes or performs anything of what they say.
 */
export const answerProblem = (kind: DriverKind, method: string, answer: unknown): string | undefined =>
  CHECKS[kind][method]?.(answer)

const object =
  (check: (fields: Fields) => string | undefined): Check =>
  (answer) =>
    typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? check(answer as Fields) : 'is no object'

const first = (...problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined)

const steps: Check = (answer) => prefixed('is no plan:', stepsProblem(answer, 'it', ['host']))

const prefixed = (words: string, problem: string | undefined): string | undefined =>
  problem === undefined ? undefined : `${words} ${problem}`

const probe = object(({ ok, detail, reason, remedy }) => {
  if (ok === true) return typeof detail === 'string' ? undefined : 'is ok without a detail'
  if (ok !== false) return 'says ok neither true nor false'
  return typeof reason === 'string' && typeof remedy === 'string' ? undefined : 'says no without reason and remedy'
})

const networkPlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(
      ['new', 'host', 'join'].includes(plan.namespace as string)
        ? undefined
        : `namespace is ${JSON.stringify(plan.namespace)}`,
      stepsProblem(plan.enter, 'enter', ['host', 'netns']),
      stepsProblem(plan.leave, 'leave', ['host']),
      plan.disconnect === undefined ? undefined : stepsProblem(plan.disconnect, 'disconnect', ['host', 'netns']),
      attachmentProblem(plan.attachment),
    ),
  ),
)

const publishPlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(stepsProblem(plan.enter, 'enter', ['host']), stepsProblem(plan.leave, 'leave', ['host'])),
  ),
)

const attachmentProblem = object(({ driver, interfaces }) => {
  if (typeof driver !== 'string') return 'attachment.driver is no text'
  if (!Array.isArray(interfaces)) return 'attachment.interfaces is no list'
  const isInterface = ({ name, mac, mtu, addresses }: Fields): boolean =>
    typeof name === 'string' && typeof mac === 'string' && Number.isInteger(mtu) && Array.isArray(addresses)
  return interfaces.every((each) => typeof each === 'object' && each !== null && isInterface(each))
    ? undefined
    : 'attachment.interfaces has one without name, mac, mtu and addresses'
})

const storagePlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(
      stepsProblem(plan.enter, 'enter', ['host']),
      stepsProblem(plan.mounts, 'mounts', ['sandbox']),
      Array.isArray(plan.mounts) && plan.mounts.at(-1)?.op === 'mount' ? undefined : 'mounts does not end with a mount',
      stepsProblem(plan.leave, 'leave', ['host']),
    ),
  ),
)

const view = object(({ upper, root }) =>
  typeof upper === 'string' || typeof root === 'string' ? undefined : 'has neither upper nor root',
)

const launchPlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(
      stepsProblem(plan.enter, 'enter', ['host']),
      stepsProblem(plan.sandbox, 'sandbox', ['sandbox']),
      Array.isArray(plan.sandbox) && plan.sandbox.at(-1)?.op === 'process.exec'
        ? undefined
        : 'sandbox does not end with process.exec',
      stepsProblem(plan.leave, 'leave', ['host']),
    ),
  ),
)

const cgroupPlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(
      stepsProblem(plan.enter, 'enter', ['host']),
      Array.isArray(plan.directories) ? undefined : 'directories is no list',
      stepsProblem(plan.leave, 'leave', ['host']),
    ),
  ),
)

const enterPlan = object((plan) =>
  prefixed(
    'is no plan:',
    first(
      Array.isArray(plan.cgroups) ? undefined : 'cgroups is no list',
      stepsProblem(plan.sandbox, 'sandbox', ['sandbox']),
    ),
  ),
)

const definition = object(({ name, id, subnets }) =>
  typeof name === 'string' && typeof id === 'string' && Array.isArray(subnets)
    ? undefined
    : 'is no network: it has no name, id and subnets',
)

const sight = object(({ way, subnets = [] }) =>
  first(
    ['nat', 'routed', 'host', 'none'].includes(way as string) ? undefined : `says way ${JSON.stringify(way)}`,
    Array.isArray(subnets) ? undefined : 'subnets is no list',
  ),
)

const anyObject = object(() => undefined)

const CHECKS: Readonly<Record<DriverKind, Readonly<Record<string, Check>>>> = {
  net: {
    probe,
    setup: networkPlan,
    attached: (answer) => prefixed('is no attachment:', attachmentProblem(answer)),
    publish: publishPlan,
    define: definition,
    remove: steps,
    look: sight,
    reload: steps,
    gc: steps,
    reset: steps,
  },
  storage: { probe, prepare: storagePlan, view },
  isolation: {
    probe,
    cgroups: cgroupPlan,
    update: steps,
    freeze: steps,
    usage: anyObject,
    enter: enterPlan,
    launch: launchPlan,
  },
}
