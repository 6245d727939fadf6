import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { cannotRun, tryDriver } from './try.ts'

const WRONG = new URL('./wrong/isolation.ts', import.meta.url)
const GROUPS = 'makes control groups that exist, and takes them away'
const PROBE = 'says in one sentence what it needs of this host, and changes nothing'
const WAIT = { timeout: 20_000 * Number(process.env.RT_TEST_SLOW ?? 1), interval: 50 }

/** As the good driver chooses it. */
const top = (): string =>
  ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(path)) ?? ''

/** Of one process: a trial's guard. */
const groupsOf = (guard: number): string[] =>
  readdirSync(top())
    .filter((name) => name.startsWith(`rt-trial-${guard}-`))
    .map((name) => join(top(), name))

const processesIn = (group: string): number[] =>
  ['', 'init'].flatMap((name) => {
    const file = join(group, name, 'cgroup.procs')
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []
  })

const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])

describe.skipIf(cannotRun)('control groups of a trial', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'rt-testkit-'))
    writeFileSync(
      join(directory, 'driver.mjs'),
      `export { NeverAnswers as default } from ${JSON.stringify(WRONG.href)}\n`,
    )
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  /** A process that tries a driver which never answers, and the guard of that trial, whose group has the driver's by now. */
  const begin = async () => {
    const trial = { kind: 'isolation', module: join(directory, 'driver.mjs'), options: {}, only: [PROBE] }
    const program = `const { runTrial } = await import('@rt/driver-testkit/checks'); await runTrial(${JSON.stringify(trial)})`
    const words = ['--conditions=@rt/source', '--no-warnings', '--input-type=module', '-e', program]
    const runner = spawn(process.execPath, words, { cwd: import.meta.dirname, stdio: 'ignore' })
    const guard = await vi.waitFor(() => {
      const pid = childOf(runner.pid ?? 0)
      expect(groupsOf(pid).some((group) => existsSync(join(group, 'cell-waits')))).toBe(true)
      return pid
    }, WAIT)
    const [group = ''] = groupsOf(guard)
    return { runner, guard, group, inside: processesIn(group) }
  }
  const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`)

  it('are below one of its own, which goes with all that a driver has left there', async () => {
    const before = readdirSync(top())
    const outcomes = await tryDriver('isolation', WRONG, 'KeepsItsGroup', [GROUPS])
    // It sees nothing but its own: the names are as at the top of the machine.
    expect(outcomes[0]?.problem).toMatch(/: \+ cgroup \/sys\/fs\/cgroup(\/pids|\/unified)?\/cell-c0ffee\w+$/)
    expect(readdirSync(top()).filter((name) => !before.includes(name) && /cell-/.test(name))).toEqual([])
  })

  it('go, with all processes, when whoever tries is killed', async () => {
    const { runner, guard, group, inside } = await begin()
    expect(inside.length).toBeGreaterThanOrEqual(2)
    runner.kill('SIGKILL')
    await once(runner, 'exit')
    await vi.waitFor(() => expect(isGone(guard)).toBe(true), WAIT)
    expect([existsSync(group), inside.filter((pid) => !isGone(pid))]).toEqual([false, []])
  })

  it('of one that was killed with its guard go with the next trial', async () => {
    const { runner, guard, group, inside } = await begin()
    for (const pid of [runner.pid ?? 0, guard]) process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(inside.filter((pid) => !isGone(pid))).toEqual([]), WAIT)
    expect(existsSync(group)).toBe(true)
    const other = await begin()
    expect([existsSync(group), existsSync(other.group)]).toEqual([false, true])
    other.runner.kill('SIGKILL')
    await vi.waitFor(() => expect(existsSync(other.group)).toBe(false), WAIT)
  })

  it('of one that goes on stay while another one begins and ends', async () => {
    const { runner, group } = await begin()
    await tryDriver('isolation', WRONG, 'KeepsItsGroup', [GROUPS])
    expect(existsSync(join(group, 'cell-waits'))).toBe(true)
    runner.kill('SIGKILL')
    await vi.waitFor(() => expect(existsSync(group)).toBe(false), WAIT)
  })
})
