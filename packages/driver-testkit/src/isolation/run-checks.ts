import { readFileSync } from 'node:fs'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { IsolationCheck } from './check.ts'
import { namespaceOf } from './processes.ts'
import { runByShim, statusOf } from './shim.ts'

/** Of linux/capability.h, of those that the spec of the trial names. */
const KEPT_BITS = 1n | (1n << 5n) | (1n << 6n) | (1n << 7n)

/** Programs that are really run, as rt does. */
export const runChecks: readonly IsolationCheck[] = [
  {
    name: 'runs a program by the shim, in namespaces of its own, and leaves nothing behind',
    run: async (bench) => {
      const before = await hostState()
      let outside: string | undefined
      const script = 'echo "$MARK, process $$"; hostname; readlink /proc/self/ns/mnt; read line; exit 7'
      const ended = await runByShim(bench, ['sh', '-c', script], ({ pid }) => {
        outside = ['pid', 'mnt', 'uts', 'ipc'].find((name) => namespaceOf(pid, name) === namespaceOf('self', name))
      })
      const { code, stdout, stderr } = ended
      const said = `${JSON.stringify(stdout)} and ${JSON.stringify(stderr)}`
      ensure(/^of the check, process 1\ncheck\d+\nmnt:\[\d+\]\n$/.test(stdout), `the program said ${said}`)
      ensure(code === 7, `the program ended with 7, and its exit status is ${code ?? 'a signal'}`)
      ensure(outside === undefined, `the program is in the host's ${outside} namespace`)
      await expectSame(before, 'after the program has ended')
    },
  },
  {
    name: 'has the program in its control groups while it runs',
    method: 'cgroups',
    run: (bench) =>
      runByShim(bench, ['sh', '-c', 'read line'], ({ pid, cgroups }) => {
        const without = cgroups.find(
          (path) => !readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').includes(String(pid)),
        )
        ensure(without === undefined, `the program is not in ${without}`)
      }).then(() => {}),
  },
  {
    name: 'has taken the other capabilities away from the program',
    applies: ({ capabilities }) => capabilities.capabilities,
    run: async (bench) => {
      const status = await statusOf(bench)
      for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
        ensure(
          BigInt(`0x${status.get(set)}`) === KEPT_BITS,
          `${set} of the program is ${status.get(set)}, and what the spec names is ${KEPT_BITS.toString(16).padStart(16, '0')}`,
        )
    },
  },
  {
    name: 'has the kernel filter the program’s system calls',
    applies: ({ capabilities }) => capabilities.seccomp,
    run: async (bench) => {
      const mode = (await statusOf(bench)).get('Seccomp')
      ensure(mode === '2', `the program's Seccomp in /proc/self/status is ${mode}, not 2`)
    },
  },
  {
    name: 'is undone where the program is not there',
    run: async (bench) => {
      const before = await hostState()
      let started = false
      try {
        await runByShim(bench, ['/no/such/program'], () => {
          started = true
        })
      } catch (error) {
        if (!String(error).includes('process.exec')) throw error
      }
      ensure(!started, 'a program that is not there was started')
      await expectSame(before, 'after a start that failed')
    },
  },
]
