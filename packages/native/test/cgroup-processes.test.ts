import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { cgroupProcesses, performLeave, performSteps } from '../src/index.ts'

const why = 'test'
const name = `rt-test-${process.pid}`
const V1 = ['/sys/fs/cgroup/devices', '/sys/fs/cgroup/freezer']
const V2 = '/sys/fs/cgroup'
const root = process.geteuid?.() === 0
const hasV1 = root && V1.every((path) => existsSync(`${path}/tasks`))
const hasV2 = root && existsSync(`${V2}/cgroup.procs`)

describe.skipIf(!hasV1 && !hasV2)('processes of a control group, in the kernel (needs root)', () => {
  const version = hasV1 ? 1 : 2
  const [from = '', path = ''] = (hasV1 ? V1 : [V2, V2]).map((hierarchy) => `${hierarchy}/${name}`)
  const made: string[] = []
  let child: ChildProcess | undefined

  /** A shell that forks as fast as it can, in the group `from`. */
  const start = async (): Promise<void> => {
    for (const directory of new Set([from, path])) {
      mkdirSync(directory)
      made.push(directory)
    }
    const script = `echo $$ >${from}/cgroup.procs; echo in; while :; do (:) & (:); done`
    child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    await new Promise((resolve) => child?.stdout?.once('data', resolve))
  }
  const freeze = (frozen: boolean): void =>
    performSteps([{ where: 'host', op: 'cgroup.freeze', path, version, frozen, why }])
  const state = (): boolean =>
    version === 1
      ? readFileSync(`${path}/freezer.state`, 'utf8') === 'FROZEN\n'
      : /^frozen 1$/m.test(readFileSync(`${path}/cgroup.events`, 'utf8'))

  afterEach(async () => {
    if (made.includes(path)) freeze(false)
    child?.kill('SIGKILL')
    const leave = made
      .splice(0)
      .map((directory) => ({ where: 'host', op: 'cgroup.remove', path: directory, why }) as const)
    await delay(50)
    expect(performLeave(leave)).toEqual([])
  })

  it('are all ended while they fork, twice if need be', async () => {
    await start()
    const end = () => performSteps([{ where: 'host', op: 'cgroup.kill', path: from, why }])
    end()
    expect(cgroupProcesses(from).filter(outside)).toEqual([])
    end()
    expect(performLeave([{ where: 'host', op: 'cgroup.kill', path: `${from}-none`, why }])).toEqual([])
  })

  it.skipIf(!hasV1)('are gathered while they fork, and none is left behind', async () => {
    await start()
    performSteps([{ where: 'host', op: 'cgroup.gather', path, from, why }])
    // Whoever lives now was born after the shell had been moved.
    for (let round = 0; round < 20; round++) {
      const there = new Set(cgroupProcesses(path))
      const lonely = cgroupProcesses(from).filter((pid) => !there.has(pid) && outside(pid))
      expect(lonely).toEqual([])
    }
    // A second time there is nothing to do.
    performSteps([{ where: 'host', op: 'cgroup.gather', path, from, why }])
  })

  /** Whether it lives and is in another group of the freezer hierarchy. */
  const outside = (pid: number): boolean => {
    try {
      return !readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`freezer:/${name}`) && !isExiting(pid)
    } catch (error) {
      // It has ended.
      expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|ESRCH)$/)
      return false
    }
  }

  /** On v1 the kernel says `/` of a process that is about to end, wherever it is. */
  const isExiting = (pid: number): boolean => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const PF_EXITING = 4
    return (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]) & PF_EXITING) !== 0
  }

  it('stand still when freezing has returned, and go on afterwards', async () => {
    await start()
    if (version === 1) performSteps([{ where: 'host', op: 'cgroup.gather', path, from, why }])
    freeze(true)
    expect(state()).toBe(true)
    const before = cgroupProcesses(path)
    await delay(100)
    expect(cgroupProcesses(path)).toEqual(before)
    freeze(false)
    expect(state()).toBe(false)
  })

  it('an empty group can be frozen, too', () => {
    mkdirSync(path)
    made.push(path)
    freeze(true)
    expect(state()).toBe(true)
  })

  it('a group that is gone is an error', () => {
    expect(() => freeze(true)).toThrow(expect.objectContaining({ code: 'RT_STEP_FAILED', errno: 'ENOENT' }))
  })
})
