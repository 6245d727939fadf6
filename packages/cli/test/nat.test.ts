import type { Running } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, type Rt, useRt } from './rt.ts'

/** A shell in a container that tells after each line how it went. */
async function shellIn(rt: Rt): Promise<Running> {
  const shell = rt.spawn(['run', '--rm', '-i', '--network=bridge', 'busybox', 'sh'])
  shell.write('echo ready\n')
  await shell.waitFor(/ready\n/)
  return shell
}

async function fetches(shell: Running, url: string): Promise<boolean> {
  shell.write(`timeout 1 wget -q -O- ${url} >/dev/null 2>&1; echo "wget $?"\n`)
  const [, status] = await shell.waitFor(/wget (\d+)\n/)
  return status === '0'
}

/** Every firewall rule that is not ours. */
async function foreignRules(rt: Rt): Promise<string[]> {
  const all = await rt.host.sh('iptables-save')
  return all
    .split('\n')
    .filter((line) => /^[-:]/.test(line) && !line.includes('RT-'))
    .map((line) => line.replace(/\[.*/, ''))
}

describe.skipIf(cannotRun)('the way out, through NAT', () => {
  const rt = useRt()

  it('a server in the internet is reached, and sees the host\u2019s address', async () => {
    await using server = await rt().world.internet.httpServer()
    const said = await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'wget', '-qO-', 'http://203.0.113.1/x'])
    expect(said.trim()).toBe('198.51.100.2')
    expect(server.requests).toEqual([{ peer: '198.51.100.2', method: 'GET', url: '/x' }])
  })

  it('it is the MASQUERADE rule that does it: without it the same request fails, put back it works', async () => {
    await using server = await rt().world.internet.httpServer()
    const { host } = rt()
    const shell = await shellIn(rt())
    expect(await fetches(shell, 'http://203.0.113.1/1')).toBe(true)
    const rule = (await host.sh('iptables-save -t nat')).split('\n').find((line) => line.includes('MASQUERADE')) ?? ''
    expect(rule).toMatch(/^-A RT-\S+ -s 172\.16\.0\.0\/16 ! -o br0 -j MASQUERADE$/)

    await host.sh(`iptables -t nat ${rule.replace('-A', '-D')}`)
    expect(await fetches(shell, 'http://203.0.113.1/2')).toBe(false)
    await host.sh(`iptables -t nat ${rule}`)
    expect(await fetches(shell, 'http://203.0.113.1/3')).toBe(true)

    expect(server.requests.map(({ url, peer }) => `${url} ${peer}`)).toEqual(['/1 198.51.100.2', '/3 198.51.100.2'])
    shell.closeInput()
    await shell.exit
  })

  it.each([
    ['all rules', 'iptables -F; iptables -t nat -F'],
    ['all chains', 'iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X'],
    ['forwarding', 'echo 0 >/proc/sys/net/ipv4/ip_forward'],
    ['the bridge', 'ip link del br0'],
  ])('the next container puts back what somebody took away: %s', async (_, command) => {
    await using server = await rt().world.internet.httpServer()
    const before = await rt().world.snapshot()
    await rt().host.sh(command)
    const said = await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'wget', '-qO-', 'http://203.0.113.1/'])
    expect(said.trim()).toBe('198.51.100.2')
    expect(server.requests.length).toBe(1)
    await rt().world.expectNoLeaks(before)
  })

  it('datagrams and pings go out too', async () => {
    const out = await rt().out([
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
    expect(out).toContain('1 packets received')
  })

  it('a container\u2019s MTU is that of the way out', async () => {
    const { host } = rt()
    await host.sh('ip link set eth0 mtu 1420')
    const mtu = await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'cat', '/sys/class/net/eth0/mtu'])
    await host.sh('ip link set eth0 mtu 1500')
    expect(mtu).toBe('1420\n')
  })
})

describe.skipIf(cannotRun)('beside somebody else\u2019s firewall', () => {
  const rt = useRt({ warm: false })

  it('works where FORWARD drops, and leaves foreign chains as they are', async () => {
    await using server = await rt().world.internet.httpServer()
    const { host } = rt()
    // As Docker leaves it.
    await host.sh(`
      iptables -P FORWARD DROP
      iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -I FORWARD -j DOCKER-USER
      iptables -N FOREIGN; iptables -A FOREIGN -s 10.1.2.3 -j DROP; iptables -A FORWARD -j FOREIGN
      iptables -t nat -N FOREIGN; iptables -t nat -A FOREIGN -d 10.1.2.3 -j RETURN; iptables -t nat -A POSTROUTING -j FOREIGN`)
    const before = await foreignRules(rt())
    const { code, stdout } = await rt().run(['run', '--rm', 'busybox', 'wget', '-qO-', 'http://203.0.113.1/'])
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '198.51.100.2' })
    expect(server.requests.length).toBe(1)
    expect(await foreignRules(rt())).toEqual(before)
    expect(before).toContain(':FORWARD DROP ')
  })

  it('rules that drop a container\u2019s packets in a foreign chain still count', async () => {
    await using server = await rt().world.internet.httpServer()
    await rt().host.sh('iptables -I DOCKER-USER -s 172.16.0.0/16 -j DROP')
    const { code } = await rt().run(['run', '--rm', 'busybox', 'timeout', '1', 'wget', '-qO-', 'http://203.0.113.1/'])
    await rt().host.sh('iptables -D DOCKER-USER -s 172.16.0.0/16 -j DROP')
    // Only where ours come after it: who wins is the administrator's order of FORWARD.
    const forward = await rt().host.sh('iptables -S FORWARD')
    const foreignFirst = forward.indexOf('DOCKER-USER') < forward.indexOf('RT-FORWARD')
    expect(code === 0).toBe(!foreignFirst)
    expect(server.requests.length).toBe(foreignFirst ? 0 : 1)
  })
})
