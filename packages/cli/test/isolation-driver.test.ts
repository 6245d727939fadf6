import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

describe.skipIf(cannotRun)('the isolation driver, asked of a running container', () => {
  const rt = useRt({ internet: false })
  /** The driver itself, in the world, as the commands call it. */
  const ask = async <T>(id: string, script: string): Promise<T> => {
    const program = `
      const { NamespacesDriver } = await import('@rt/driver-isolation-namespaces')
      const { performSteps } = await import('@rt/native')
      const driver = new NamespacesDriver({ root: '/var/lib/rt', runRoot: '/run/rt', options: {} })
      const container = { id: ${JSON.stringify(id)} }
      const freeze = async (frozen) => performSteps(await driver.freeze(container, frozen))
      const answer = await (async () => { ${script} })()
      console.log(JSON.stringify(answer ?? null))`
    const argv = [process.execPath, '--no-warnings', '--conditions=@rt/source', '--input-type=module', '-e', program]
    const { code, stdout, stderr } = await rt().host.run(argv, { cwd: `${rt().world.checkout}/packages/cli` })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return JSON.parse(stdout) as T
  }
  const busy = async (): Promise<string> =>
    (
      await rt().out([
        'run',
        '-d',
        '--network=none',
        '--name=busy',
        'busybox',
        'sh',
        '-c',
        'sleep 1000 & while :; do :; done',
      ])
    ).trim()

  it('freezes and thaws it', async () => {
    const world = await rt().world.snapshot()
    const id = await busy()
    const found = await ask<{ ran: number; stood: number; states: boolean[] }>(
      id,
      `const cpu = async () => (await driver.usage(container)).cpuNanoseconds
       const over = async () => { const a = await cpu(); await new Promise((done) => setTimeout(done, 300)); return await cpu() - a }
       const states = [driver.isFrozen(container)]
       const ran = await over()
       await freeze(true); states.push(driver.isFrozen(container))
       const stood = await over()
       await freeze(false); states.push(driver.isFrozen(container))
       return { ran, stood, states }`,
    )
    expect(found.states).toEqual([false, true, false])
    expect(found.ran).toBeGreaterThan(20e6)
    expect(found.stood).toBe(0)
    // Killed while it is frozen: v1 lets nobody die who stands still.
    await ask(id, 'await freeze(true)')
    await rt().out(['rm', '-f', 'busy'])
    await rt().world.expectNoLeaks(world)
  })

  it('knows its processes and what they use', async () => {
    const id = await busy()
    const { pids, usage } = await ask<{ pids: number[]; usage: Record<string, number> }>(
      id,
      'return { pids: driver.processes(container), usage: await driver.usage(container) }',
    )
    const names = await rt().host.sh(`for pid in ${pids.join(' ')}; do tr '\\0' ' ' </proc/$pid/cmdline; echo; done`)
    expect(names.trim().split('\n').sort()).toEqual([expect.stringMatching(/^sh -c/), 'sleep 1000'])
    expect(usage.pids).toBe(2)
    expect(usage.cpuNanoseconds).toBeGreaterThan(0)
    expect(usage.memoryBytes).toBeGreaterThan(50_000)
    expect(usage.memoryBytes).toBeLessThan(16e6)
    await rt().out(['rm', '-f', 'busy'])
  })

  it('keeps the contract, and the host has no control group of the trial afterwards', async () => {
    const before = await rt().world.snapshot()
    const verified = await rt().out(['drivers', 'verify', 'isolation/namespaces'], { timeout: 90_000 })
    expect(verified.split('\n').filter((line) => !line.startsWith('ok'))).toEqual([''])
    expect(verified).toContain('runs a program by the shim')
    await rt().world.expectNoLeaks(before)
  })
})
