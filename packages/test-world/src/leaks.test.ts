import { describe, expect, test } from 'vitest'
import { createWorld, type World, whyNoWorld } from './index.ts'

/** Each kind of thing that a runtime can leave behind, and how it shows. */
const LEAKS = [
  ['an interface', 'ip link add leak0 type bridge', /^links: \+ leak0 bridge down/m],
  ['an interface that is gone', 'ip link del eth0', /^links: - eth0 veth up/m],
  ['an address', 'ip addr add 172.16.0.9/32 dev eth0', /^addresses: \+ eth0 172.16.0.9\/32$/m],
  ['a route', 'ip route add 10.9.0.0/16 dev eth0', /^routes: \+ 10.9.0.0\/16 dev eth0/m],
  ['a routing rule', 'ip rule add from 10.9.0.1 table 7', /^rules: \+ .*from 10.9.0.1 lookup 7$/m],
  ['a NAT rule', 'iptables -t nat -A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE', /^iptables: \+ nat -A POSTROUTING/m],
  ['a chain', 'iptables -N RT-LEAK', /^iptables: \+ filter :RT-LEAK -$/m],
  ['a policy', 'iptables -P FORWARD DROP', /^iptables: \+ filter :FORWARD DROP$/m],
  ['an IPv6 rule', 'ip6tables -A INPUT -p tcp -j DROP', /^ip6tables: \+ filter -A INPUT/m],
  ['a mount', 'mkdir /tmp/leak; mount -t tmpfs leak /tmp/leak', /^mounts: \+ .*\/tmp\/leak .* tmpfs leak/m],
  ['a network namespace', 'ip netns add leak', /^namespaces: \+ leak$/m],
  ['a process', 'sleep 1000 >/dev/null 2>&1 3>&- &', /^processes: \+ sleep 1000$/m],
  [
    'a lease',
    'mkdir -p /var/lib/rt/net; : >/var/lib/rt/net/172.16.0.2',
    /^files: \+ f \/var\/lib\/rt\/net\/172.16.0.2$/m,
  ],
  ['state of this boot', 'mkdir -p /run/rt/abc', /^files: \+ d \/run\/rt\/abc$/m],
  [
    'a socket',
    `${process.execPath} -e "require('net').createServer().listen('/run/s')" >/dev/null 2>&1 & until [ -e /run/s ]; do :; done`,
    /^sockets: \+ \/run\/s$/m,
  ],
  ['a sysctl', 'echo 1 >/proc/sys/net/ipv4/ip_forward', /^sysctls: \+ ip_forward 1$/m],
] as const

const makeCgroup = 'd=/sys/fs/cgroup/pids; [ -d $d ] || d=/sys/fs/cgroup; mkdir $d/rt-leak'

async function leaksAfter(world: World, script: string): Promise<string> {
  const before = await world.snapshot()
  await world.host.sh(script)
  const failure: unknown = await world.expectNoLeaks(before, { within: 0 }).catch((error: unknown) => error)
  return failure instanceof Error ? failure.message : 'no leak was seen'
}

describe.skipIf(whyNoWorld())('the leak check sees', () => {
  test.each([...LEAKS, ['a cgroup', makeCgroup, /^cgroups: \+ .*\/rt-leak$/m] as const])(
    '%s',
    async (_, script, line) => {
      await using world = await createWorld()
      expect(await leaksAfter(world, script)).toMatch(line)
    },
  )

  test('nothing in an image, which is kept on purpose', async () => {
    await using world = await createWorld({ internet: false })
    expect(await leaksAfter(world, 'mkdir -p /var/lib/rt/images/busybox')).toBe('no leak was seen')
  })

  test('nothing in a table of the firewall that somebody only looked at', async () => {
    await using world = await createWorld({ internet: false })
    expect(await leaksAfter(world, 'iptables -t nat -L; iptables -L -v; ip6tables -L')).toBe('no leak was seen')
  })
})
