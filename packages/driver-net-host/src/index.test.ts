import { describe, expect, it } from 'vitest'
import HostNetworkDriver from './index.ts'
import { withNameservers } from './resolv-conf.ts'

const context = (options: Record<string, unknown> = {}) => ({ root: '/root', runRoot: '/run', options })
const container = { id: 'a'.repeat(64), name: 'web', hostname: 'web' }

describe('host', () => {
  it('joins the namespace of the host and changes nothing', async () => {
    const plan = await new HostNetworkDriver(context()).setup({ container, dns: [] })
    expect(plan).toEqual({
      namespace: 'host',
      enter: [],
      leave: [],
      attachment: { driver: 'host', interfaces: [] },
    })
  })

  it('writes a resolv.conf only for nameservers that the user gave', async () => {
    const plan = await new HostNetworkDriver(context()).setup({ container, dns: ['192.0.2.1'] })
    expect(plan.attachment.resolvConf).toMatch(/^nameserver 192\.0\.2\.1\n/)
  })

  it('refuses options', () => {
    expect(() => new HostNetworkDriver(context({ name: 'br0' }))).toThrow('network.host has no option "name".')
  })
})

describe('withNameservers', () => {
  it.each([
    ['', 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n'],
    [
      '# managed\nnameserver 127.0.0.53\nsearch a.test\n',
      'nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.test\n',
    ],
    ['options edns0\nnameservers x', 'nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions edns0\n'],
  ])('of %j is %j', (host, expected) => {
    expect(withNameservers(host, ['192.0.2.1', '192.0.2.2'])).toBe(expected)
  })
})
