import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { differences, machineSnapshot, whyNoWorld } from './index.ts'

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
    await waitUntil(() => processesAfter(before).length === 0)
    expect(existsSync(share)).toBe(true)

    const next = startTestRun()
    const [nextSaid] = await once(next.stdout ?? next, 'data')
    expect(existsSync(share)).toBe(false)
    next.kill('SIGKILL')
    await once(next, 'exit')
    await waitUntil(() => processesAfter(before).length === 0)
    await sweep(String(nextSaid).trim())
    expect(differences(before, machineSnapshot())).toEqual([])
  })
})

function processesAfter(before: ReturnType<typeof machineSnapshot>): string[] {
  return differences(before, machineSnapshot()).filter((line) => line.startsWith('processes: +'))
}

/** Only a first world of a process sweeps, and this process may have made one already. */
async function sweep(share: string): Promise<void> {
  const { sweepStaleWorlds } = await import('./stale.ts')
  sweepStaleWorlds()
  expect(existsSync(share)).toBe(false)
}

/** The kernel kills the world's processes when their parent dies: no event says when the last one is gone. */
async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('still not so after 5 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
