import { existsSync } from 'node:fs'
import type { IsolationDriver } from '@rt/driver-api'
import { IMPOSSIBLE } from '../bench/bench.ts'
import { commonChecks } from '../bench/common.ts'
import { canPaste, paste } from '../bench/pasted.ts'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import { type IsolationBench, KEPT } from './bench.ts'
import type { IsolationCheck } from './check.ts'
import { enterChecks } from './enter-checks.ts'
import { freezeChecks } from './freeze-checks.ts'
import { runChecks } from './run-checks.ts'
import { updateChecks } from './update-checks.ts'
import { usageChecks } from './usage-checks.ts'

const checks: IsolationCheck[] = [
  {
    name: 'answers plans that end in the program, and changes nothing while it makes them',
    run: async (bench) => {
      await bench.launch(['true'])
      const before = await hostState()
      const { sandbox } = await bench.launch(['echo', 'a', 'b'])
      await bench.cgroups()
      await expectSame(before, 'after launch and cgroups')
      const last = sandbox.at(-1)
      ensure(
        last?.op === 'process.exec' && last.argv.join(' ').endsWith('echo a b'),
        'the plan does not execute `echo a b` at its end',
      )
      ensure(
        last?.op === 'process.exec' && last.env.includes('MARK=of the check'),
        'the program does not get the environment of the spec',
      )
    },
  },
  {
    name: 'filters system calls',
    applies: ({ capabilities }) => capabilities.seccomp,
    run: async (bench) => {
      const has = async (seccomp: boolean) =>
        (await bench.launch(['true'], { seccomp })).sandbox.some(({ op }) => op === 'process.seccomp')
      ensure(await has(true), 'no step loads a seccomp filter, though the spec asks for one')
      ensure(!(await has(false)), 'a seccomp filter is loaded, though the spec is unconfined')
    },
  },
  {
    name: 'leaves the capabilities that the spec names, and no others',
    applies: ({ capabilities }) => capabilities.capabilities,
    run: async (bench) => {
      const { sandbox } = await bench.launch(['true'])
      const step = sandbox.find((each) => each.op === 'process.capabilities')
      ensure(step?.op === 'process.capabilities', 'no step takes capabilities away')
      const kept = step?.op === 'process.capabilities' ? [...step.keep].sort() : []
      ensure(
        JSON.stringify(kept) === JSON.stringify([...KEPT].sort()),
        `it keeps ${kept.join(', ')}, and the spec says ${KEPT.join(', ')}`,
      )
    },
  },
  {
    name: 'brings a first process that reaps where one is asked for',
    applies: ({ capabilities }) => capabilities.init,
    run: async (bench) => {
      const { sandbox } = await bench.launch(['true'], { init: true })
      ensure(
        sandbox.some(({ op }) => op === 'process.init'),
        'no step is process.init, though init is asked for',
      )
    },
  },
  {
    name: 'makes control groups that exist, and takes them away',
    method: 'cgroups',
    run: async (bench) => {
      const before = await hostState()
      const plan = await bench.cgroups()
      bench.perform(plan.enter)
      const missing = plan.directories.find((path) => !existsSync(path))
      bench.leave(plan.leave, 'after the container has ended')
      bench.leave(plan.leave, 'a second time')
      ensure(missing === undefined, `${missing} is not there when processes are to join it`)
      await expectSame(before, 'after the container has ended')
    },
  },
  {
    name: 'leaves no control group behind after a crash between any two steps, nor where a step fails',
    method: 'cgroups',
    run: async (bench) => {
      const before = await hostState()
      const { enter } = await bench.cgroups()
      for (let steps = 0; steps <= enter.length; steps++) {
        const plan = await bench.cgroups()
        bench.perform(plan.enter.slice(0, steps))
        bench.leave(plan.leave, `after a crash behind step ${steps} of ${enter.length}`)
      }
      const plan = await bench.cgroups()
      try {
        bench.perform([...plan.enter, IMPOSSIBLE])
        throw new Error('a step that cannot be performed was performed')
      } catch (error) {
        ensure(!String(error).includes('was performed'), String(error))
      }
      bench.leave(plan.leave, 'after a failed start')
      await expectSame(before, 'after crashes and a failed start')
    },
  },
  {
    name: 'runs a program, by a script that is pasted',
    applies: canPaste,
    run: async (bench) => {
      const before = await hostState()
      const cgroups = await bench.cgroups()
      const plan = await bench.launch(['sh', '-c', 'echo "$MARK, process $$"; hostname'])
      const script = {
        host: [...cgroups.enter, ...plan.enter],
        namespace: 'host',
        newNamespaces: [
          'pid',
          'mount',
          'uts',
          'ipc',
          ...plan.sandbox.flatMap((step) => (step.op === 'namespace.unshare' ? step.namespaces : [])),
        ],
        sandbox: plan.sandbox,
        cgroups: cgroups.directories,
        leave: [...plan.leave, ...cgroups.leave],
      } as const
      const { stdout } = await paste(script, () => {})
      ensure(/of the check, process \d+\ncheck\d+\n/.test(stdout), `the program said ${JSON.stringify(stdout)}`)
      await expectSame(before, 'after the pasted script')
    },
  },
]

export const isolationChecks: readonly IsolationCheck[] = [
  ...commonChecks<IsolationDriver, IsolationBench>(),
  ...checks,
  ...runChecks,
  ...freezeChecks,
  ...usageChecks,
  ...updateChecks,
  ...enterChecks,
]
