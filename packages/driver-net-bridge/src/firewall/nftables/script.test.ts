import { describe, expect, it } from 'vitest'
import { leads } from '../ports.ts'
import { bridgeLines, portLines, skeleton, withoutBridge, withoutPorts } from './script.ts'

const br0 = { bridge: 'br0', subnets: { v4: '172.16.0.0/16' }, masquerade: true, internal: false }
const port = { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, containerPort: 80 } as const
const published = (hostAddress: string) =>
  leads([{ container: 'c', port: { ...port, hostAddress }, to4: '172.16.0.2', to6: 'fd00::2' }])

describe('the script for nft', () => {
  it('writes every chain that has rules anew, as a whole', () => {
    const lines = [...skeleton(false), ...bridgeLines(br0)]
    const ruled = new Set(lines.filter((line) => line.startsWith('add rule')).map((line) => line.split(' ')[4]))
    for (const chain of ruled) {
      const flush = lines.indexOf(`flush chain inet rt-bridge ${chain}`)
      expect([chain, flush]).not.toEqual([chain, -1])
      expect(flush).toBeLessThan(lines.findIndex((line) => line.startsWith(`add rule inet rt-bridge ${chain} `)))
    }
    expect(ruled.has('RT-USER')).toBe(false)
    expect(lines.filter((line) => /(flush|delete) chain .* RT-USER/.test(line))).toEqual([])
  })

  it('leaves ::1 out, before anything else, where no answer can come back to it', () => {
    const output = (loopback: boolean) => skeleton(loopback).filter((line) => / rule inet rt-bridge output /.test(line))
    expect(output(true)).toEqual(['add rule inet rt-bridge output fib daddr type local jump ports'])
    expect(output(false)).toEqual([...output(true), 'insert rule inet rt-bridge output ip6 daddr ::1 return'])
  })

  it('says nothing of IPv6 where the bridge has none, and nothing of NAT where it is internal', () => {
    expect(bridgeLines(br0).join('\n')).not.toContain('ip6')
    expect(bridgeLines({ ...br0, subnets: { v4: '172.16.0.0/16', v6: 'fd00::/64' } }).join('\n')).toContain(
      'ip6 saddr fd00::/64',
    )
    expect(bridgeLines({ ...br0, internal: true }).join('\n')).not.toMatch(/masquerade|established/)
  })

  it.each([
    ['0.0.0.0', 'any4 { tcp . 8080 : 172.16.0.2 . 80 }'],
    ['192.0.2.1', 'at4 { tcp . 192.0.2.1 . 8080 : 172.16.0.2 . 80 }'],
    ['::', 'any6 { tcp . 8080 : fd00::2 . 80 }'],
    ['2001:db8::1', 'at6 { tcp . 2001:db8::1 . 8080 : fd00::2 . 80 }'],
  ])('publishes at %s', (address, element) => {
    expect(portLines(published(address))).toContain(`add element inet rt-bridge ${element}`)
    expect(withoutPorts(published(address))).toEqual(
      ['add', 'delete'].map((verb) => `${verb} element inet rt-bridge ${element}`),
    )
  })

  it('leaves out a port of a family that the container has no address of', () => {
    expect(leads([{ container: 'c', port: { ...port, hostAddress: '::' }, to4: '172.16.0.2' }])).toEqual([])
  })

  it('deletes what it has added first, so that nothing can be missing', () => {
    const lines = withoutBridge('br0')
    for (const line of lines.filter((each) => each.startsWith('delete'))) {
      const added = lines.indexOf(line.replace('delete', 'add'))
      expect([line, added]).not.toEqual([line, -1])
      expect(added).toBeLessThan(lines.indexOf(line))
    }
  })
})
