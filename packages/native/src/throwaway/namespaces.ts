import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MountFlag } from '@rt/driver-api'
import { cloneFlags } from '../plan/flags.ts'
import { syscall } from '../sys/libc.ts'
import { unshare } from '../sys/namespace.ts'
import { cgroupHierarchies, type Hierarchy, joinGroups, settleGroups } from './cgroups.ts'
import { mount } from './mount.ts'

const prctl = syscall('prctl', ['int', 'long', 'long', 'long', 'long'])
const PR_SET_PDEATHSIG = 1

/** Whoever started this process does not leave it behind: it gets this signal when that one ends. */
export const endWithParent = (signal: 'SIGKILL' | 'SIGTERM'): void => {
  prctl(undefined, PR_SET_PDEATHSIG, process.getBuiltinModule('node:os').constants.signals[signal], 0, 0, 0)
}

/**
 * Runs a program as the first process of new pid, mount, network, uts, ipc and cgroup namespaces, with this one's standard streams, and answers
 * its exit status. This process has moved into them too, all but the first, and is good for nothing else any more: it starts no further thread.
 *
 * @param groups directories of control groups, one in each hierarchy: what the program sees of them are these, and what is below
 */
export const runInNewNamespaces = (
  [program, ...args]: readonly [string, ...string[]],
  groups: readonly string[],
): number => {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  endWithParent('SIGKILL')
  joinGroups(groups)
  unshare(cloneFlags(['pid', 'mount', 'network', 'uts', 'ipc', 'cgroup']))
  settleGroups(groups)
  mount({ source: 'none', target: '/', flags: ['rec', 'private'] })
  const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error) throw error
  return status ?? 128 + (signal ? process.getBuiltinModule('node:os').constants.signals[signal] : 0)
}

/**
 * Called by that first process: makes it a host on which nothing can be spoilt. All file systems of the machine are read-only, /run is empty
 * and in memory, /proc and /sys are those of the new namespaces, and so are the control groups. TMPDIR is in /run.
 */
export const makeHostHarmless = (): void => {
  endWithParent('SIGKILL')
  mount({ source: 'proc', target: '/proc', type: 'proc', flags: ['nosuid', 'nodev', 'noexec'] })
  const hierarchies = cgroupHierarchies()
  for (const { target, flags } of mountsOfMachine())
    if (!/^\/(proc|sys)(\/|$)/.test(target))
      mount({ source: 'none', target, flags: ['remount', 'bind', 'ro', ...flags] }, { unlessGone: true })
  mount({ source: 'sysfs', target: '/sys', type: 'sysfs', flags: ['nosuid', 'nodev', 'noexec'] })
  mountCgroups(hierarchies)
  mount({ source: 'tmpfs', target: '/run', type: 'tmpfs', flags: ['nosuid', 'nodev'], data: 'mode=755' })
  mkdirSync('/run/tmp', { mode: 0o1777 })
  process.env.TMPDIR = '/run/tmp'
}

const mountCgroups = (hierarchies: readonly Hierarchy[]): void => {
  const flags: readonly MountFlag[] = ['nosuid', 'nodev', 'noexec']
  if (hierarchies.some(({ name }) => name !== ''))
    mount({ source: 'tmpfs', target: '/sys/fs/cgroup', type: 'tmpfs', flags, data: 'mode=755' })
  for (const { name, type, options } of hierarchies) {
    const target = join('/sys/fs/cgroup', name)
    mkdirSync(target, { recursive: true })
    mount({ source: 'cgroup', target, type, flags, ...(options !== '' && { data: options }) })
  }
}

const KEPT: readonly MountFlag[] = ['nosuid', 'nodev', 'noexec', 'noatime', 'relatime']

/** Where something is mounted, and by which of the options that a remount must repeat. */
const mountsOfMachine = (): { target: string; flags: MountFlag[] }[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [, , , , target = '', options = ''] = line.split(' ')
      const words = options.split(',')
      return {
        target: target.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
        flags: KEPT.filter((flag) => words.includes(flag)),
      }
    })
