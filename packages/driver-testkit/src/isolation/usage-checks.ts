import { answerProblem, type ResourceUsage } from '@rt/driver-api'
import { ensure } from '../check.ts'
import type { IsolationBench } from './bench.ts'
import type { IsolationCheck } from './check.ts'
import { anonymous, cpuTime, processesWith, TICK, until } from './processes.ts'
import { runByShim } from './shim.ts'

const MEMORY = 16 * 2 ** 20
const CPU = 300_000_000

/** Each line of input makes it use more of something: two processes, of which one works, and 16 bytes that are doubled twenty times. */
const FILLS = 'x=0123456789abcdef; n=0; while [ $n -lt 20 ]; do x=$x$x; n=$((n+1)); done'
const GROWS = `exec 3<&0; read line <&3; while :; do :; done | { read line <&3; ${FILLS}; read line <&3; kill -9 -1; }`

export const usageChecks: readonly IsolationCheck[] = [
  {
    name: 'says what a container uses, in nanoseconds, bytes and processes',
    method: 'usage',
    run: async (bench) => {
      await runByShim(bench, ['sh', '-c', GROWS], async ({ container: { id }, pid, say }) => {
        const all = (): number => cpuTime(processesWith(pid))
        const idle = await usageOf(bench, id)
        say('work')
        await until('the program has not started its two processes', () => processesWith(pid).length >= 3)
        grown('pids', idle, await usageOf(bench, id))

        const [before, first, atLeast] = [all(), await usageOf(bench, id), all()]
        await until(`the program did not get ${CPU} ns of CPU time`, () => all() > atLeast + CPU)
        const [counted, second, atMost] = [all() - atLeast, await usageOf(bench, id), all() - before]
        const said = (second.cpuNanoseconds ?? 0) - (first.cpuNanoseconds ?? 0)
        // The one may count in ticks what the other has to the nanosecond; a wrong unit is a thousand times off.
        ensure(
          first.cpuNanoseconds === undefined || (said > counted / 2 && said < atMost * 2 + 2 * TICK),
          `cpuNanoseconds has grown by ${said}, and the kernel counts ${counted} ns of its processes`,
        )

        say('fill')
        const holds = (): number => processesWith(pid).reduce((sum, each) => sum + anonymous(each), 0)
        await until(`the program did not get ${MEMORY} bytes`, () => holds() > MEMORY)
        const full = await usageOf(bench, id)
        grown('memoryBytes', second, full)
        const held = holds()
        ensure(
          full.memoryBytes === undefined || (full.memoryBytes > held / 2 && full.memoryBytes < held * 8),
          `memoryBytes is ${full.memoryBytes}, and the program holds ${held} bytes`,
        )
      })
    },
  },
]

const usageOf = async (bench: IsolationBench, id: string): Promise<ResourceUsage> => {
  const usage = await bench.driver().usage?.({ id })
  const problem = answerProblem('isolation', 'usage', usage)
  ensure(problem === undefined, `the answer to usage ${problem}`)
  return usage ?? {}
}

/** What the host does not count is left out, and then at all times. */
const grown = (name: keyof ResourceUsage, before: ResourceUsage, after: ResourceUsage): void => {
  const [then, now] = [before[name], after[name]]
  if (then === undefined && now === undefined) return
  ensure((now ?? 0) > (then ?? 0), `${name} was ${then} before the program used more, and is ${now} now`)
}
