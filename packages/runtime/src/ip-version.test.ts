import { isIP } from 'node:net'
import { expect, it } from 'vitest'
import { ipVersion } from './ip-version.ts'

it.each([
  '1.2.3.4',
  '0.0.0.0',
  '255.255.255.255',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.4 ',
  '0x7f.0.0.1',
  '127.1',
  '::',
  '::1',
  '2001:db8::1',
  '2001:DB8::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '::ffff:1.2.3.4',
  '::ffff:1.2.3',
  '::ffff:01.2.3.4',
  '1:2:3:4:5:6:7::',
  '12345::',
  ':::',
  ':',
  '[::1]',
  '::1]',
  'localhost',
  '',
])('%j is what Node takes it for', (text) => {
  expect(ipVersion(text) ?? 0).toBe(isIP(text))
})

it('takes no zone: what is told of a container is told to others, too', () => {
  expect(ipVersion('fe80::1%eth0')).toBeUndefined()
})
