import { readFileSync } from 'node:fs'
import { ensure } from '../check.ts'
import type { IsolationBench } from './bench.ts'
import type { IsolationCheck } from './check.ts'
import { enterByShim } from './enter.ts'
import { namespaceOf, until } from './processes.ts'
import { CAT_STATUS, type Running, runByShim, statusIn } from './shim.ts'

/** What is below /run, only the container's own processes see. */
const MARKS = 'echo "of the container" >/run/mark; echo marked; read line'
const NAMESPACES = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']
/** Fewer than the container has, of linux/capability.h. */
const KEPT = ['CAP_CHOWN', 'CAP_KILL']
const KEPT_BITS = 1n | (1n << 5n)

export const enterChecks: readonly IsolationCheck[] = [
  {
    name: 'brings a further program into all namespaces of a running container',
    method: 'enter',
    run: (bench) =>
      inMarked(bench, async (running) => {
        let outside: string | undefined
        const script = 'cat mark; echo "$MARK in $(pwd)"; read line; exit 7'
        const wanted = { args: ['sh', '-c', script], cwd: '/run', env: [PATH, 'MARK=of its own'] } as const
        const { code, stdout, stderr } = await enterByShim(bench, running, wanted, (pid) => {
          outside = NAMESPACES.find((name) => namespaceOf(pid, name) !== namespaceOf(running.pid, name))
        })
        ensure(outside === undefined, `a further program is not in the container's ${outside} namespace`)
        const said = `${JSON.stringify(stdout)} and ${JSON.stringify(stderr)}`
        ensure(stdout === 'of the container\nof its own in /run\n', `a further program said ${said}`)
        ensure(code === 7, `a further program ended with 7, and its exit status is ${code ?? 'a signal'}`)
      }),
  },
  {
    name: 'has a further program in the control groups of the container',
    method: 'enter',
    run: (bench) =>
      inMarked(bench, async (running) => {
        let groups = ''
        await enterByShim(bench, running, { args: ['sh', '-c', 'read line'] }, (pid) => {
          groups = groupsOf(pid)
        })
        ensure(
          groups === groupsOf(running.pid),
          `a further program is in the control groups ${inLine(groups)}, and the container in ${inLine(groupsOf(running.pid))}`,
        )
      }),
  },
  {
    name: 'gives a further program the capabilities that are asked for it, and no others',
    method: 'enter',
    applies: ({ capabilities }) => capabilities.capabilities,
    run: (bench) =>
      inMarked(bench, async (running) => {
        const status = await statusInside(bench, running)
        for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
          ensure(
            BigInt(`0x${status.get(set)}`) === KEPT_BITS,
            `${set} of a further program is ${status.get(set)}, and what it is to have is ${KEPT_BITS.toString(16).padStart(16, '0')}`,
          )
      }),
  },
  {
    name: 'has the kernel filter a further program’s system calls',
    method: 'enter',
    applies: ({ capabilities }) => capabilities.seccomp,
    run: (bench) =>
      inMarked(bench, async (running) => {
        const mode = (await statusInside(bench, running)).get('Seccomp')
        ensure(mode === '2', `a further program's Seccomp in /proc/self/status is ${mode}, not 2`)
      }),
  },
]

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const inMarked = async (bench: IsolationBench, look: (running: Running) => Promise<void>): Promise<void> => {
  await runByShim(bench, ['sh', '-c', MARKS], async (running) => {
    await until('the program has not written its file', () => running.said() === 'marked\n')
    await look(running)
  })
}

const statusInside = async (bench: IsolationBench, running: Running): Promise<ReadonlyMap<string, string>> =>
  statusIn(await enterByShim(bench, running, { args: CAT_STATUS, capabilities: KEPT }))

const groupsOf = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim()

const inLine = (groups: string): string => groups.split('\n').join(' ')
