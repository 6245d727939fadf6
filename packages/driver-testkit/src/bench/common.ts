import { type Probe, stepsProblem } from '@rt/driver-api'
import { type Check, ensure } from '../check.ts'
import { type Bench, expectRefusal } from './bench.ts'
import { expectSame, hostState } from './scratch.ts'

/** What holds for drivers of every kind. */
export const commonChecks = <D extends { probe(): Promise<Probe> }, B extends Bench<D>>(): Check<B>[] => [
  {
    name: 'says in one sentence what it needs of this host, and changes nothing',
    run: async (bench) => {
      const before = await hostState()
      const probe = await bench.driver().probe()
      ensure(probe.ok, probe.ok ? '' : `this host cannot do it: ${probe.reason}. ${probe.remedy}`)
      await expectSame(before, 'after probe')
    },
  },
  {
    name: 'refuses an option that it does not know',
    run: (bench) =>
      expectRefusal('RT_DRIVER_OPTION', `the option "no-such-option"`, () => {
        new bench.Driver(bench.context({ ...bench.trial.options, 'no-such-option': 1 }))
      }),
  },
  {
    name: 'describes its options',
    applies: ({ driver }) => Object.keys((driver.constructor as { options?: object }).options ?? {}).length > 0,
    run: ({ Driver }) => {
      for (const [name, { description, expected, default: value, read }] of Object.entries(Driver.options ?? {})) {
        ensure(description?.trim().length > 3, `the option ${name} has no description`)
        ensure(typeof expected === 'string' && expected !== '', `the option ${name} does not say what is expected`)
        ensure(
          value === undefined || read(value) !== undefined,
          `the default of the option ${name} is refused by itself`,
        )
      }
    },
  },
]

/** Fails unless each is a step that can be performed there. */
export const ensureSteps = (steps: unknown, name: string, places: readonly ('host' | 'netns' | 'sandbox')[]): void => {
  const problem = stepsProblem(steps, name, places)
  ensure(problem === undefined, problem ?? '')
}
