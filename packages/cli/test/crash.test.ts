import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt, warmNetworks } from './rt.ts'

describe.skipIf(cannotRun)('kill -9', () => {
  const rt = useRt()

  it.each(['overlay', 'copy'])('of rt while a container runs (%s): the next rt ps leaves nothing', async (storage) => {
    const before = await rt().world.snapshot()
    const args = ['run', '--rm', '--network=bridge', `--storage=${storage}`, 'busybox', 'sh', '-c']
    // With children, one of which has left its parent's session.
    const container = rt().spawn([...args, 'sleep 1001 & setsid sleep 1002 & echo ready; exec sleep 1003'])
    await container.waitFor(/ready/)
    await container.kill('SIGKILL')
    await container.exit
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    expect(await rt().out(['ps', '-q'])).toBe('')
    await rt().world.expectNoLeaks(before)
  })

  it('of the monitor of a container in the background: it is shown as dead with the reason, and goes with rt rm', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--name=background', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    expect(await rt().out(['ps', '-q'])).toBe('')
    expect(await rt().out(['ps', '-a'])).toMatch(/Dead \(its monitor was killed\).* background/)
    // Its address and its interface are free as soon as somebody has looked.
    expect(await rt().host.sh('ls /sys/class/net/br0/brif; find /run/rt -path "*/leases/*"')).toBe('')
    await rt().out(['rm', 'background'])
    await rt().world.expectNoLeaks(before)
  })

  it('of rt and everything else at once', async () => {
    const before = await rt().world.snapshot()
    const all = []
    for (let n = 0; n < 5; n++) {
      const container = rt().spawn([
        'run',
        '--rm',
        '--network=bridge',
        'busybox',
        'sh',
        '-c',
        'echo ready; exec sleep 1001',
      ])
      await container.waitFor(/ready/)
      all.push(container)
    }
    await Promise.all(all.map((container) => container.kill('SIGKILL')))
    await Promise.all(all.map((container) => container.exit))
    // Two that find the same five dead do not get in each other's way.
    const [one, two] = await Promise.all([rt().run(['ps', '-q']), rt().run(['ps', '-q'])])
    for (const result of [one, two]) expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
    await rt().world.expectNoLeaks(before)
  })
})

/** rt kills itself at the n-th step of a start, first the steps that Node performs, then those of the shim in the sandbox. */
describe.skipIf(cannotRun)('kill -9 in the middle of a start', { timeout: patience(180_000) }, () => {
  const rt = useRt()

  it.each([
    ['bridge', 'overlay', []],
    ['bridge', 'overlay', ['--network=second', '-p', '8080:80']],
    ['host', 'copy', ['-d', '-v', '/root/data:/data']],
  ] as const)('%s and %s %j: at every step, the next rt ps leaves nothing', async (network, storage, flags) => {
    const { host, world } = rt()
    await host.sh('mkdir -p data')
    await rt().run(['network', 'create', 'second'])
    await warmNetworks(rt(), 'bridge', 'second')
    await rt().out(['run', '--rm', '--network=bridge', '--network=second', 'busybox', 'true'])
    const before = await world.snapshot()
    const args = [
      'run',
      '--rm',
      `--network=${network}`,
      `--storage=${storage}`,
      ...flags,
      'busybox',
      'sh',
      '-c',
      'exit 42',
    ]
    const survives = flags.includes('-d' as never) ? 0 : 42
    let step = 1
    for (; ; step++) {
      const { code, signal, stderr } = await rt().run(args, { env: { RT_TEST_STOP_AT: String(step) } })
      if (code === survives) break
      // In the background it is the caller who tells of the monitor's death.
      const killed = signal === 'SIGKILL' || (flags.includes('-d' as never) && /monitor was killed/.test(stderr))
      expect({ step, killed, code, stderr }).toMatchObject({ killed: true })
      expect(await rt().out(['ps', '-aq']), `after step ${step}`).toBe('')
      await world.expectNoLeaks(before).catch((error: unknown) => {
        throw new Error(`killed at step ${step}: ${error instanceof Error ? error.message : error}`)
      })
    }
    // Node's own steps and the sandbox's: a hook that does nothing would pass at once.
    expect(step).toBeGreaterThan(40)
    await world.expectNoLeaks(before)
  })

  it('on a machine where there was never a container: what is left for all is complete, and the next start works', async () => {
    const { host } = rt()
    for (let step = 1; ; step += 3) {
      await host.sh(
        'ip link del br0 2>/dev/null || :; iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X; rm -rf /run/rt; echo 0 >/proc/sys/net/ipv4/ip_forward',
      )
      const { code } = await rt().run(['run', '--rm', '--network=bridge', 'busybox', 'sh', '-c', 'exit 42'], {
        env: { RT_TEST_STOP_AT: String(step) },
      })
      if (code === 42) break
      const next = await rt().run([
        'run',
        '--rm',
        '--network=bridge',
        'busybox',
        'ping',
        '-c',
        '1',
        '-W',
        '2',
        '203.0.113.1',
      ])
      expect({ step, code: next.code, stderr: next.stderr }).toEqual({ step, code: 0, stderr: '' })
      // Only while the bridge is being made are there steps that another start does not have.
      if (step > 30) break
    }
  })
})
