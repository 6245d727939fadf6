import { describe, expect, it } from 'vitest'
import { exposedPorts, parsePublish, wantedPorts } from './wanted.ts'

const one = (port: number) => ({ first: port, last: port })

describe('-p', () => {
  it.each([
    ['80', [{ protocol: 'tcp', container: 80 }]],
    ['8080:80', [{ protocol: 'tcp', host: one(8080), container: 80 }]],
    ['53:53/udp', [{ protocol: 'udp', host: one(53), container: 53 }]],
    ['53:53/UDP', [{ protocol: 'udp', host: one(53), container: 53 }]],
    ['127.0.0.1:8080:80', [{ protocol: 'tcp', address: '127.0.0.1', host: one(8080), container: 80 }]],
    ['127.0.0.1::80', [{ protocol: 'tcp', address: '127.0.0.1', container: 80 }]],
    ['[::1]:8080:80/tcp', [{ protocol: 'tcp', address: '::1', host: one(8080), container: 80 }]],
    ['[fd00::2]:80', [{ protocol: 'tcp', address: 'fd00::2', container: 80 }]],
    [
      '8000-8001:80-81',
      [
        { protocol: 'tcp', host: one(8000), container: 80 },
        { protocol: 'tcp', host: one(8001), container: 81 },
      ],
    ],
    ['8000-8010:80', [{ protocol: 'tcp', host: { first: 8000, last: 8010 }, container: 80 }]],
    [
      '80-81',
      [
        { protocol: 'tcp', container: 80 },
        { protocol: 'tcp', container: 81 },
      ],
    ],
    ['0:80', [{ protocol: 'tcp', container: 80 }]],
    ['127.0.0.1:0:80/udp', [{ protocol: 'udp', address: '127.0.0.1', container: 80 }]],
    ['1:65535', [{ protocol: 'tcp', host: one(1), container: 65535 }]],
  ])('%s', (text, wanted) => {
    expect(parsePublish(text)).toEqual(wanted)
  })

  it.each([
    ['', /a port is missing/],
    ['8080:', /a port is missing/],
    ['http', /"http" is not a port/],
    ['8080:0', /no port 0/],
    ['70000:80', /no port 70000.*65535/],
    ['80:99999999999999999999', /no port 99999999999999999999/],
    ['-80:80', /"-80" is not a port/],
    ['8000-8002:80-81', /3 ports of the host cannot lead to 2/],
    ['8000:80-81', /one port of the host cannot lead to 2/],
    ['8010-8000:80', /8010-8000 ends before it begins/],
    ['80/sctp', /no protocol "sctp"/],
    ['80/', /no protocol ""/],
    ['localhost:80:80', /"localhost" is not an IPv4 address/],
    ['1.2.3:80:80', /"1.2.3" is not an IPv4 address/],
    ['::1:8080:80', /too many parts/],
    ['[::1:8080:80', /too many parts/],
    ['[1.2.3.4]:80:80', /"1.2.3.4" is not an IPv6 address/],
    ['[fe80::1%eth0]:80:80', /not an IPv6 address/],
    ['[::1]:1:2:3', /too many parts/],
  ])('%j points at what is wrong', (text, reason) => {
    expect(() => parsePublish(text)).toThrow(
      expect.objectContaining({ code: 'RT_PORT_INVALID', message: expect.stringMatching(reason) }),
    )
    expect(() => parsePublish(text)).toThrow(`-p "${text}"`)
  })
})

describe('-P', () => {
  it('publishes what image and user expose, once, and not what -p does already', () => {
    const wanted = wantedPorts({ publish: ['8080:80'], publishAll: true, expose: ['53/udp', '90'] }, [
      '80/tcp',
      '90/tcp',
    ])
    expect(wanted).toEqual([
      { protocol: 'tcp', host: one(8080), container: 80 },
      { protocol: 'udp', container: 53 },
      { protocol: 'tcp', container: 90 },
    ])
  })

  it('without it nothing but -p is published', () => {
    expect(wantedPorts({ publish: ['80'], expose: ['90'] }, ['70/tcp'])).toEqual([{ protocol: 'tcp', container: 80 }])
  })

  it('--expose takes ranges, and says what it cannot take', () => {
    expect(exposedPorts(['3000-3002', '53/udp'], ['3001/tcp'])).toEqual(['53/udp', '3000/tcp', '3001/tcp', '3002/tcp'])
    expect(() => exposedPorts(['nothing'], [])).toThrow(/--expose "nothing"/)
  })
})
