import { describe, expect, it } from 'vitest'
import { isRoot, play } from './play.ts'

describe.skipIf(!isRoot)('defined networks in a throwaway network namespace (needs root)', () => {
  it.each(['iptables', 'nftables'])(
    'are bridges of their own, several for a container, and leave nothing behind (%s)',
    (firewall) => {
      expect(play('networks', firewall)).toEqual({
        web: expect.objectContaining({ subnets: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1' }] }),
        back: expect.objectContaining({ subnets: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }] }),
        inside: {
          addresses: ['eth0 172.17.0.9/16', 'eth1 172.18.0.2/16'],
          mac: '02:11:22:33:44:55',
          mtus: ['1400', '1300'],
          routes: ['default via 172.17.0.1 dev eth0', '172.17.0.0/16 dev eth0', '172.18.0.0/16 dev eth1'],
          routesOfInternal: ['172.18.0.0/16 dev eth0'],
        },
        reach: { outside: '192.0.2.1', overBack: '172.18.0.3' },
        taken: expect.stringMatching(/^RT_NET_ADDRESS_TAKEN The address 172\.17\.0\.9 .* container a10000000000\.$/),
        group: expect.stringMatching(/^RT_USAGE .* group/),
        onInternal: expect.stringMatching(/^RT_NET_MODE .*internal/),
        disconnected: ['lo', 'eth0'],
        before: ['172.18.0.3'],
        after: [],
        removed: { links: ['lo', 'up0', 'br0'], state: expect.arrayContaining(['br0', 'ip_forward.before']) },
        twice: [],
      })
    },
  )

  it('are defined so that they get in nobody\u2019s way', () => {
    const { refused, ...chosen } = play('defining') as { refused: Record<string, string> }
    expect(chosen).toEqual({
      web: [{ subnet: '10.5.0.0/16', gateway: '10.5.9.9', ipRange: '10.5.7.0/24' }],
      six: [
        { subnet: '172.18.0.0/16', gateway: '172.18.0.1' },
        { subnet: expect.stringMatching(/^fd.*::\/64$/), gateway: expect.stringMatching(/^fd.*::1$/) },
      ],
      given: [
        { subnet: '172.19.0.0/16', gateway: '172.19.0.1' },
        { subnet: 'fd00:8::/80', gateway: 'fd00:8::1' },
      ],
      again: true,
      nothing: false,
    })
    const expected: Record<string, [code: string, words: string]> = {
      hostBits: ['RT_NET_SUBNET_INVALID', 'has host bits: the network is 10.6.0.0/16'],
      rubbish: ['RT_NET_SUBNET_INVALID', 'is not a subnet'],
      large: ['RT_NET_SUBNET_INVALID', "cannot be a network's"],
      small: ['RT_NET_SUBNET_INVALID', "cannot be a network's"],
      loopback: ['RT_NET_SUBNET_INVALID', "cannot be a network's"],
      gateway: ['RT_NET_SUBNET_INVALID', 'The gateway 10.7.0.1 is not in'],
      broadcast: ['RT_NET_SUBNET_INVALID', 'broadcast address'],
      range: ['RT_NET_SUBNET_INVALID', 'The range 10.7.0.0/24 is not in'],
      noRoom: ['RT_NET_SUBNET_INVALID', 'no address that a container could have'],
      route: ['RT_NET_SUBNET_OVERLAP', 'already routes 172.17.5.0/24 by tun0'],
      route6: ['RT_NET_SUBNET_OVERLAP', 'already routes fd00:7::/64 by tun0'],
      network: ['RT_NET_SUBNET_OVERLAP', 'which the network web has'],
      own: ['RT_NET_SUBNET_OVERLAP', "which the driver's own network has (br0)"],
      prefix6: ['RT_NET_SUBNET_INVALID', "cannot be a network's"],
      local6: ['RT_NET_SUBNET_INVALID', 'no addresses that a container could have'],
      gateway6: ['RT_NET_SUBNET_INVALID', 'The gateway fd00:a::1 is not in'],
      two: ['RT_NET_SUBNET_INVALID', 'one IPv4 subnet'],
      numbers: ['RT_NET_SUBNET_INVALID', 'no number in common'],
      option: ['RT_DRIVER_OPTION', 'Did you mean "com.docker.network.bridge.name"?'],
      long: ['RT_DRIVER_OPTION', 'this one has 20 bytes'],
      mtu: ['RT_DRIVER_OPTION', 'a number of bytes from 1280 to 65535'],
      foreign: ['RT_NET_BRIDGE_FOREIGN', 'rt did not make it'],
      ownName: ['RT_DRIVER_OPTION', "the driver's own network"],
    }
    expect(Object.keys(refused)).toEqual(Object.keys(expected))
    for (const [name, [code, words]] of Object.entries(expected)) {
      expect(refused[name]).toMatch(new RegExp(`^${code} `))
      expect(refused[name]).toContain(words)
    }
  })
})
