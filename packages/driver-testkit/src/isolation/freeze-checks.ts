import { ensureSteps } from '../bench/common.ts'
import { ensure } from '../check.ts'
import type { IsolationBench } from './bench.ts'
import type { IsolationCheck } from './check.ts'
import { cpuTime, isRunnable, processesWith, TICK, until, work } from './processes.ts'
import { type Running, runByShim } from './shim.ts'

/** Several processes, because a container seldom is but one. As a pipe: what a shell has in the background wants a /dev/null. */
const BUSY = 'exec 3<&0; while :; do :; done | while :; do :; done | { read line <&3; kill -9 -1; }'
const WHILE_FROZEN = 200_000_000

export const freezeChecks: readonly IsolationCheck[] = [
  {
    name: 'freezes every process of a container, and lets them go on',
    method: 'freeze',
    run: (bench) =>
      withBusy(bench, async ({ container: { id } }, busy) => {
        const areRunning = async (when: string): Promise<void> => {
          for (const each of busy) {
            const before = cpuTime([each])
            await until(`${when}, the process ${each} gets no CPU time`, () => cpuTime([each]) > before)
          }
        }
        await areRunning('before anybody has frozen it')
        await freeze(bench, id, true)
        const before = busy.map((each) => cpuTime([each]))
        work(WHILE_FROZEN)
        const gone = busy.findIndex((each, index) => cpuTime([each]) !== before[index])
        ensure(gone < 0, `of the ${busy.length} processes of a frozen container, number ${gone + 1} has run`)
        await freeze(bench, id, false)
        await areRunning('after the container was let go on')
      }),
  },
  {
    name: 'says whether a container is frozen',
    method: 'isFrozen',
    applies: ({ driver }) => driver.freeze !== undefined,
    run: (bench) =>
      withBusy(bench, async ({ container: { id } }) => {
        const says = (frozen: boolean, when: string): void => {
          const said = bench.driver().isFrozen?.({ id })
          ensure(said === frozen, `${when}, isFrozen says ${said}`)
        }
        says(false, 'of a container that nobody has frozen')
        await freeze(bench, id, true)
        says(true, 'of a frozen container')
        await freeze(bench, id, false)
        says(false, 'of a container that was let go on')
      }),
  },
]

const freeze = async (bench: IsolationBench, id: string, frozen: boolean): Promise<void> => {
  const steps = await bench.driver().freeze?.({ id }, frozen)
  ensureSteps(steps, 'the answer to freeze', ['host'])
  bench.perform(steps ?? [])
}

/** @param look is given the processes that work, too */
const withBusy = async (
  bench: IsolationBench,
  look: (running: Running, busy: readonly number[]) => Promise<void>,
): Promise<void> => {
  await runByShim(bench, ['sh', '-c', BUSY], async (running) => {
    // On a slow machine those that only wait have needed some time before that, too.
    const busy = (): number[] =>
      processesWith(running.pid).filter((each) => cpuTime([each]) >= 2 * TICK && isRunnable(each))
    let found: readonly number[] = []
    await until('the two processes of the program do not work', () => {
      found = busy()
      return found.length === 2
    })
    await look(running, found)
  })
}
