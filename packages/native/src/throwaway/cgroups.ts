import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeCgroup } from '../steps/cgroup.ts'
import { errorCode } from '../sys/errno.ts'

/** A cgroup hierarchy of the machine that can be written to. */
export interface Hierarchy {
  /** Its directory below /sys/fs/cgroup; empty where the only one is mounted there itself. */
  readonly name: string
  readonly type: 'cgroup' | 'cgroup2'
  /** By which the same hierarchy is mounted once more. */
  readonly options: string
}

/** Control groups that are thrown away: a directory in each hierarchy, below which all happens that somebody tries out. */
export interface ThrowawayGroups {
  readonly directories: readonly string[]
  /** Of every process in them, as this one sees it. */
  processes(): number[]
  /** v1 lets nobody die who is frozen. */
  thaw(): void
  /** With all that was made below. Only when the processes have ended. */
  remove(): void
}

const PLACE = '/sys/fs/cgroup'
const NAME = /^rt-trial-(\d+)-(\d+)$/

/** What is mounted below /sys/fs/cgroup, v1, v2 or both. */
export const cgroupHierarchies = (mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): Hierarchy[] =>
  mountinfo.split('\n').flatMap((line) => {
    const [, target = '', mountOptions = '', type = '', superOptions = ''] =
      /^\S+ \S+ \S+ \S+ (\S+) (\S+) .*- (cgroup2?) \S+ (\S+)$/.exec(line) ?? []
    if ((type !== 'cgroup' && type !== 'cgroup2') || (target !== PLACE && !target.startsWith(`${PLACE}/`))) return []
    if ([mountOptions, superOptions].some((options) => options.split(',').includes('ro'))) return []
    return { name: target.slice(PLACE.length + 1), type, options: type === 'cgroup2' ? '' : controllers(superOptions) }
  })

const controllers = (superOptions: string): string => {
  const ignored = /^(rw|xattr|clone_children|noprefix|cpuset_v2_mode|favordynmods|release_agent=.*)$/
  const words = superOptions.split(',').filter((word) => !ignored.test(word))
  return (words.some((word) => word.startsWith('name=')) ? ['none', ...words] : words).join(',')
}

/** Makes groups for this process and what it starts, and removes those of earlier ones that were killed. Errors: what the kernel says. */
export const makeThrowawayGroups = (): ThrowawayGroups => {
  sweepThrowawayGroups()
  const name = `rt-trial-${process.pid}-${startTime(process.pid)}`
  const directories = cgroupHierarchies().map((hierarchy) => {
    const parent = join(PLACE, hierarchy.name)
    const directory = join(parent, name)
    mkdirSync(directory, { recursive: true })
    // A v1 cpuset takes no process before it has processors and memory of its own.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (hierarchy.type === 'cgroup' && existsSync(join(directory, file)))
        writeFileSync(join(directory, file), readFileSync(join(parent, file)))
    return directory
  })
  return {
    directories,
    processes: () => [...new Set(directories.flatMap(processesBelow))],
    thaw: () => directories.forEach(thawTree),
    remove: () => directories.forEach(removeTree),
  }
}

/** This process and what it starts are in them from now on. */
export const joinGroups = (directories: readonly string[]): void => {
  for (const directory of directories) writeFileSync(join(directory, 'cgroup.procs'), String(process.pid))
}

/**
 * Called in a cgroup namespace whose root they are. v2 gives controllers to children only where the parent has no processes of its own, except at
 * the real root (cgroups(7)): so what is in them so far steps aside into `init`.
 */
export const settleGroups = (directories: readonly string[]): void => {
  for (const directory of directories) {
    if (!existsSync(join(directory, 'cgroup.subtree_control'))) continue
    const aside = join(directory, 'init')
    mkdirSync(aside)
    writeFileSync(join(aside, 'cgroup.procs'), String(process.pid))
    for (const name of readFileSync(join(directory, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean))
      writeFileSync(join(directory, 'cgroup.subtree_control'), `+${name}`)
  }
}

/** Removes the groups of those that were killed: nobody is in them, and who made them is gone. */
export const sweepThrowawayGroups = (): void => {
  for (const { name: place } of cgroupHierarchies())
    for (const name of readdirSync(join(PLACE, place))) {
      const [, pid, started] = NAME.exec(name) ?? []
      if (pid === undefined || startTime(Number(pid)) === started) continue
      const directory = join(PLACE, place, name)
      thawTree(directory)
      if (processesBelow(directory).length === 0) removeUnlessBusy(directory)
    }
}

/** Somebody is about to be gone from it: the next one removes it. */
const removeUnlessBusy = (directory: string): void => {
  try {
    removeTree(directory)
  } catch (error) {
    if (errorCode(error) !== 'EBUSY') throw error
  }
}

/** In clock ticks after boot: a pid alone may be somebody else's by now. undefined: there is no such process. */
const startTime = (pid: number): string | undefined => {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The name is in parentheses, and may have some itself.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

const processesBelow = (directory: string): number[] => {
  const own = unlessGone(() => readFileSync(join(directory, 'cgroup.procs'), 'utf8')) ?? ''
  return [...own.split('\n').filter(Boolean).map(Number), ...children(directory).flatMap(processesBelow)]
}

const thawTree = (directory: string): void => {
  for (const child of children(directory)) thawTree(child)
  const state = join(directory, 'freezer.state')
  if (existsSync(state)) unlessGone(() => writeFileSync(state, 'THAWED'))
}

const removeTree = (directory: string): void => {
  for (const child of children(directory)) removeTree(child)
  removeCgroup(directory)
}

const children = (directory: string): string[] =>
  (unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(directory, name))

/** Others may remove the same at the same time. */
const unlessGone = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}
