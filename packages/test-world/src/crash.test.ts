import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { differences, machineSnapshot, patience, whyNoWorld } from './index.ts'
import { isGone } from './is-gone.ts'

/** A test run in a process of its own that makes a world, starts things there and waits to be killed. */
function startTestRun(): ChildProcess {
  const program = `
    import { createWorld } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const world = await createWorld()
    const sleeper = world.host.spawn(['sh', '-c', 'sleep 1000 & echo up; wait'])
    await sleeper.waitFor(/up/)
    console.log(world.share)
    await new Promise((resolve) => setTimeout(resolve, 60_000))`
  const argv = [
    '--experimental-strip-types',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    program,
  ]
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe.skipIf(whyNoWorld())('a test run that is killed', () => {
  test('takes its world with it, and the next run sweeps up its files', async () => {
    const before = machineSnapshot()
    const run = startTestRun()
    const [said] = await once(run.stdout ?? run, 'data')
    const share = String(said).trim()
    expect(existsSync(share)).toBe(true)

    run.kill('SIGKILL')
    await once(run, 'exit')
    await waitUntil(() => processesOf(share).length === 0)
    expect(existsSync(share)).toBe(true)

    const next = startTestRun()
    const [nextSaid] = await once(next.stdout ?? next, 'data')
    const nextShare = String(nextSaid).trim()
    expect(existsSync(share)).toBe(false)
    next.kill('SIGKILL')
    await once(next, 'exit')
    await waitUntil(() => processesOf(nextShare).length === 0)
    await sweep(nextShare)
    // Others test at the same time.
    const ours = (line: string): boolean => [share, nextShare].some((path) => line.includes(worldOf(path)))
    expect(differences(before, machineSnapshot()).filter(ours)).toEqual([])
  })
})

const worldOf = (share: string): string => basename(dirname(share))

/** The processes of a world, by the control groups that it has for them. */
function processesOf(share: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(worldOf(share))
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  })
}

/** Only a first world of a process sweeps, and this process may have made one already. */
async function sweep(share: string): Promise<void> {
  const { sweepStaleWorlds } = await import('./stale.ts')
  sweepStaleWorlds()
  expect(existsSync(share)).toBe(false)
}

/** The kernel kills the world's processes when their parent dies: no event says when the last one is gone. */
async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + patience(20_000)
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('still not so')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
