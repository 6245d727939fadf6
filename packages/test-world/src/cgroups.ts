import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGone } from './is-gone.ts'
import { patience } from './patience.ts'

/** One mounted cgroup hierarchy of the machine. */
export interface Hierarchy {
  /** Its directory below /sys/fs/cgroup, or `.` where a single v2 hierarchy is mounted there itself. */
  readonly name: string
  readonly mountPoint: string
  readonly type: 'cgroup' | 'cgroup2'
  /** What mount(8) needs to mount the same hierarchy again. */
  readonly options: string
  /** This process's own cgroup in it, as an absolute directory. */
  readonly own: string
}

/** The hierarchies mounted below /sys/fs/cgroup, v1, v2 or both. */
export function hierarchies(): Hierarchy[] {
  const own = new Map<string, string>()
  for (const line of lines('/proc/self/cgroup')) {
    const [id = '', controllers = '', ...path] = line.split(':')
    own.set(id === '0' ? '' : controllers, path.join(':'))
  }
  const found: Hierarchy[] = []
  for (const line of lines('/proc/self/mountinfo')) {
    const [before = '', after = ''] = line.split(' - ')
    const mountPoint = before.split(' ')[4] ?? ''
    const [type = '', , superOptions = ''] = after.split(' ')
    const name = mountPoint === '/sys/fs/cgroup' ? '.' : mountPoint.replace('/sys/fs/cgroup/', '')
    if ((type !== 'cgroup' && type !== 'cgroup2') || name.startsWith('/')) continue
    const options = type === 'cgroup2' ? 'rw' : controllerOptions(superOptions)
    const key = type === 'cgroup2' ? '' : options.replace('none,', '')
    const path = own.get(key)
    if (path !== undefined) found.push({ name, mountPoint, type, options, own: join(mountPoint, path) })
  }
  return found
}

function controllerOptions(superOptions: string): string {
  const ignored = /^(rw|ro|xattr|clone_children|noprefix|favordynmods|release_agent=.*)$/
  const options = superOptions.split(',').filter((option) => !ignored.test(option))
  return options.some((option) => option.startsWith('name=')) ? `none,${options.join(',')}` : options.join(',')
}

/** The world's own cgroup in every hierarchy, below this process's: what rt makes in the world lies inside. */
export class WorldCgroups {
  readonly #directories: string[] = []
  readonly #procs: string[] = []
  readonly #mounts: string[] = []

  constructor(name: string) {
    for (const hierarchy of hierarchies()) {
      const directory = join(hierarchy.own, name)
      mkdirSync(directory)
      this.#directories.push(directory)
      // A v1 cpuset takes no process before it has processors and memory of its own.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        if (hierarchy.type === 'cgroup' && existsSync(join(directory, file))) {
          writeFileSync(join(directory, file), readFileSync(join(hierarchy.own, file)))
        }
      }
      this.#procs.push(join(directory, 'cgroup.procs'))
      this.#mounts.push(`${hierarchy.name} ${hierarchy.type} ${hierarchy.options}`)
    }
  }

  /** Files into which a process writes its pid to become one of the world's. */
  get procs(): readonly string[] {
    return this.#procs
  }

  /** For host.sh: one `NAME TYPE OPTIONS` line for each hierarchy. */
  get mounts(): string {
    return this.#mounts.join('\n')
  }

  /**
   * v2 gives controllers to children only where the parent has no processes of its own (cgroups(7), "no internal processes"), except
   * at the real root. The world's root is not the real one, so what runs in it so far goes aside into `init`, as a container
   * image's init does: its two first processes, and those outside that wait for their end.
   */
  settle(): void {
    for (const [index, directory] of this.#directories.entries()) {
      const controllers = join(directory, 'cgroup.controllers')
      if (!existsSync(controllers)) continue
      const names = readFileSync(controllers, 'utf8').trim()
      if (names === '') continue
      const aside = join(directory, 'init', 'cgroup.procs')
      mkdirSync(join(directory, 'init'))
      this.#procs[index] = aside
      moveAll(join(directory, 'cgroup.procs'), aside)
      writeFileSync(join(directory, 'cgroup.subtree_control'), names.replace(/(^| )/g, '$1+'))
    }
  }

  /** v1 lets nobody die who is frozen: before the world is killed. */
  thaw(): void {
    for (const directory of this.#directories) thawTree(directory)
  }

  /** Only when all processes of the world have ended. */
  remove(): void {
    for (const directory of this.#directories) removeTree(directory)
  }
}

/** Removes the cgroups that a killed test run left behind: those that `isStale` says so of. Others may do it at the same time. */
export function sweepCgroups(isStale: (name: string) => boolean): void {
  for (const { own } of hierarchies()) {
    for (const name of readdirSync(own)) {
      if (!isStale(name)) continue
      thawTree(join(own, name))
      removeTree(join(own, name))
    }
  }
}

function thawTree(directory: string): void {
  for (const child of children(directory)) thawTree(child)
  const state = join(directory, 'freezer.state')
  if (existsSync(state)) unlessGone(() => writeFileSync(state, 'THAWED'))
}

/** Until none is left: a process may have forked while the list was read. */
function moveAll(from: string, to: string): void {
  for (let pids = lines(from); pids.length > 0; pids = lines(from)) {
    for (const pid of pids) unlessGone(() => writeFileSync(to, pid))
  }
}

/** A process that has ended, and is not seen in /proc any more, may still count in its cgroup for a moment; v1 has no event for its end. */
function removeTree(directory: string, deadline = Date.now() + patience(5_000)): void {
  for (const child of children(directory)) removeTree(child, deadline)
  for (;;) {
    try {
      return void unlessGone(() => rmdirSync(directory))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || Date.now() > deadline) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}

function children(directory: string): string[] {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? []
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name))
}

function unlessGone<Result>(act: () => Result): Result | undefined {
  try {
    return act()
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}
