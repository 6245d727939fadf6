import { describe, expect, it } from 'vitest'
import { cannotRun, RT, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('fifty at once', () => {
  const rt = useRt()

  it('50 x rt run --rm --network=bridge busybox true: 50 x exit 0, and nothing is left', async () => {
    const before = await rt().world.snapshot()
    const script = `
      for n in $(seq 50); do { ${RT} run --rm --network=bridge busybox true; echo "exit $?"; } & done; wait`
    const { stdout, stderr } = await rt().host.run(['sh', '-c', script], { timeout: 55_000 })
    expect(stderr).toBe('')
    expect(stdout).toBe('exit 0\n'.repeat(50))
    await rt().world.expectNoLeaks(before)
  })

  it('50 that run at the same time have 50 different addresses, names and ids', async () => {
    const before = await rt().world.snapshot()
    const { host } = rt()
    // All wait at one pipe. Its far end is kept open, so that nobody waits for it to be opened; one newline lets one go.
    await host.sh('mkdir gate; mkfifo gate/go')
    const inside = 'ip -4 -o addr show eth0 | cut -d " " -f 7 >/gate/$HOSTNAME; read go </gate/go'
    const script = `
      exec 8<>gate/go
      for n in $(seq 50); do { ${RT} run --rm --network=bridge -v /root/gate:/gate busybox sh -c '${inside}'; echo "exit $?"; } & done
      read all; printf '\\n%.0s' $(seq 50) >&8; wait`
    const all = host.spawn(['sh', '-c', script])
    await until(
      'fifty have an address',
      async () => (await host.sh('cat gate/[0-9a-f]* 2>/dev/null | wc -l || :')).trim() === '50',
      50_000,
    )
    const addresses = (await host.sh('cat gate/[0-9a-f]*')).trim().split('\n')
    expect(new Set(addresses).size).toBe(50)
    for (const address of addresses) expect(address).toMatch(/^172\.16\.\d+\.\d+\/16$/)
    const running = JSON.parse(await rt().out(['ps', '--json']))
    expect(new Set(running.map(({ name }: { name: string }) => name)).size).toBe(50)
    expect(await host.sh('ls /sys/class/net/br0/brif | wc -l')).toBe('50\n')
    all.write('\n')
    await all.exit
    expect(all.stderr).toBe('')
    expect(all.stdout).toBe('exit 0\n'.repeat(50))
    await host.sh('rm -r gate')
    await rt().world.expectNoLeaks(before)
  })

  it('one name, asked for by ten at once, goes to one', async () => {
    const before = await rt().world.snapshot()
    const script = `
      for n in $(seq 10); do { ${RT} run -d --name=only --network=none busybox sleep 100 >/dev/null 2>&1 && echo exit 0 || echo "exit $?"; } & done; wait`
    const exits = (await rt().host.sh(script)).trim().split('\n').sort()
    expect(exits).toEqual(['exit 0', ...Array(9).fill('exit 125')])
    await rt().out(['rm', '-f', 'only'])
    await rt().world.expectNoLeaks(before)
  })
})

describe.skipIf(cannotRun)('fifty at once on a machine where there was never a container', () => {
  const rt = useRt({ warm: false })

  it('make one image, one bridge and one set of rules', async () => {
    const script = `
      for n in $(seq 20); do { ${RT} run --rm --network=bridge busybox true; echo "exit $?"; } & done; wait`
    const { stdout, stderr } = await rt().host.run(['sh', '-c', script])
    expect(stderr.replace(/^rt: There is no image "busybox" yet.*\n/gm, '')).toBe('')
    expect(stdout).toBe('exit 0\n'.repeat(20))
    expect((await rt().out(['images', '-q'])).trim().split('\n')).toHaveLength(1)
    const rules = (await rt().host.sh('iptables-save')).split('\n').filter((line) => line.startsWith('-A'))
    expect(new Set(rules).size).toBe(rules.length)
    expect(rules.filter((line) => line.includes('! -o br0 -j MASQUERADE'))).toHaveLength(1)
  })
})
