import { describe, expect, it } from 'vitest'
import { parseIpv4 } from './ipv4.ts'
import { bridgeMac, checkedMac, containerMac, gatewayOfMac } from './mac.ts'

describe('MAC addresses', () => {
  it('follow addresses', () => {
    const address = parseIpv4('172.16.1.2') as number
    expect(containerMac(address)).toBe('02:42:ac:10:01:02')
    expect(gatewayOfMac(bridgeMac(address))).toBe(address)
    expect(gatewayOfMac(containerMac(address))).toBeUndefined()
  })

  it.each([
    ['02:42:AC:11:00:02', '02:42:ac:11:00:02'],
    ['02-42-ac-11-00-02', '02:42:ac:11:00:02'],
  ])('%s may be asked for', (text, mac) => {
    expect(checkedMac(text)).toBe(mac)
  })

  it.each([
    ['', 'is not a MAC address'],
    ['02:42:ac:11:00', 'is not a MAC address'],
    ['02:42:ac:11:00:0g', 'is not a MAC address'],
    ['0242.ac11.0002', 'is not a MAC address'],
    ['01:00:5e:00:00:01', 'of a group'],
    ['ff:ff:ff:ff:ff:ff', 'of a group'],
    ['00:00:00:00:00:00', 'of zeros'],
  ])('%j is refused', (text, words) => {
    expect(() => checkedMac(text)).toThrow(
      expect.objectContaining({ code: 'RT_USAGE', message: expect.stringContaining(words) }),
    )
  })
})
