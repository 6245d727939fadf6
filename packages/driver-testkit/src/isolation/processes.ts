import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { slow } from '../bench/scratch.ts'

/** Every process in the pid namespace of a container's first one, as the host sees them. */
export const processesWith = (first: number): number[] => {
  const namespace = namespaceOf(first, 'pid')
  if (namespace === undefined) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(Number(name), 'pid') === namespace)
    .map(Number)
}

/** undefined: the process has ended, and what it said will tell why. */
export const namespaceOf = (pid: number | 'self', name: string): string | undefined =>
  unlessGone(() => readlinkSync(`/proc/${pid}/ns/${name}`))

/** CPU time that processes have had so far, as the kernel counts it, in nanoseconds. It counts in steps of 10 ms. */
export const cpuTime = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    // utime and stime
    const [user = '0', system = '0'] = statOf(pid).slice(11, 13)
    return sum + (Number(user) + Number(system)) * TICK
  }, 0)

/** Whether it works or would if a CPU were free, and does not wait for anything. */
export const isRunnable = (pid: number): boolean => statOf(pid)[0] === 'R'

/** The fields from the third on, which is the state: proc_pid_stat(5). The name before it, in parentheses, may hold blanks. */
const statOf = (pid: number): string[] => {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? ''
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** USER_HZ is 100 wherever Linux shows it to programs. */
export const TICK = 10_000_000

/** Bytes of a process's own that are in memory. */
export const anonymous = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+) kB$/m.exec(unlessGone(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '')?.[1] ?? 0) *
  1024

/** Uses a CPU for so many nanoseconds of CPU time: on the way everybody who may run has been given his turn by the scheduler. */
export const work = (nanoseconds: number): void => {
  const before = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(before)
    if ((user + system) * 1_000 > nanoseconds) return
  }
}

/** Waits until it is so. @throws Error that says what did not come */
export const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const deadline = Date.now() + 10_000 * slow()
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`${what}, for which the check has waited in vain`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends a container by its first process, frozen or not: v1 lets nobody die who is. All control groups that can be seen are the trial's. */
export const kill = (pid: number): void => {
  for (const { name, parentPath } of readdirSync('/sys/fs/cgroup', { recursive: true, withFileTypes: true }))
    if (name === 'freezer.state') unlessGone(() => writeFileSync(`${parentPath}/${name}`, 'THAWED'))
  unlessGone(() => process.kill(pid, 'SIGKILL'))
}

const unlessGone = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
