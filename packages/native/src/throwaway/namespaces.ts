import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import type { MountFlag } from '@rt/driver-api'
import { cloneFlags } from '../plan/flags.ts'
import { syscall } from '../sys/libc.ts'
import { unshare } from '../sys/namespace.ts'
import { mount } from './mount.ts'

const prctl = syscall('prctl', ['int', 'long', 'long', 'long', 'long'])
const PR_SET_PDEATHSIG = 1
const SIGKILL = 9

/** Whoever started this process does not leave it behind. */
export const dieWithParent = (): void => {
  prctl(undefined, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
}

/**
 * Runs a program as the first process of new pid, mount, network, uts and ipc namespaces, with this one's standard streams, and answers its
 * exit status. This process has moved into them too, all but the first, and is good for nothing else any more: it starts no further thread.
 */
export const runInNewNamespaces = ([program, ...args]: readonly [string, ...string[]]): number => {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  dieWithParent()
  unshare(cloneFlags(['pid', 'mount', 'network', 'uts', 'ipc']))
  mount({ source: 'none', target: '/', flags: ['rec', 'private'] })
  const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error) throw error
  return status ?? 128 + (signal ? process.getBuiltinModule('node:os').constants.signals[signal] : 0)
}

/**
 * Called by that first process: makes it a host on which nothing can be spoilt. All file systems of the machine are read-only, /run is empty
 * and in memory, /proc and /sys are those of the new namespaces. TMPDIR is in /run.
 */
export const makeHostHarmless = (): void => {
  dieWithParent()
  const cgroups = openSync('/sys/fs/cgroup', 'r')
  mount({ source: 'proc', target: '/proc', type: 'proc', flags: ['nosuid', 'nodev', 'noexec'] })
  for (const { target, flags } of mountsOfMachine())
    if (!/^\/(proc|sys)(\/|$)/.test(target))
      mount({ source: 'none', target, flags: ['remount', 'bind', 'ro', ...flags] }, { unlessGone: true })
  mount({ source: 'sysfs', target: '/sys', type: 'sysfs', flags: ['nosuid', 'nodev', 'noexec'] })
  mount({ source: `/proc/self/fd/${cgroups}`, target: '/sys/fs/cgroup', flags: ['bind', 'rec'] })
  closeSync(cgroups)
  mount({ source: 'tmpfs', target: '/run', type: 'tmpfs', flags: ['nosuid', 'nodev'], data: 'mode=755' })
  mkdirSync('/run/tmp', { mode: 0o1777 })
  process.env.TMPDIR = '/run/tmp'
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
