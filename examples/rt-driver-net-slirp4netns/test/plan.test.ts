import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkRequest } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import SlirpNetworkDriver from '../src/index.ts'
import { planSlirp, staleSockets } from '../src/plan.ts'

const id = 'ab'.repeat(32)
const request: NetworkRequest = { container: { id, name: 'web', hostname: 'web' }, dns: [] }
const settings = {
  network: '10.0.2',
  mtu: 65520,
  hostLoopback: false,
  directory: '/run/rt/net/slirp4netns',
  node: '/node',
  forward: '/forward.js',
}
const ports = [{ protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, containerPort: 80 }] as const

describe('slirp4netns', () => {
  it('is a helper that lives as long as the container, and nothing else on the host', () => {
    const { enter, leave, attachment } = planSlirp(request, settings)
    expect(enter.map(({ where, op }) => `${where} ${op}`)).toEqual(['netns link.set', 'host helper.start'])
    expect(enter[1]).toMatchObject({
      argv: expect.arrayContaining([
        '--exit-fd=4',
        '--ready-fd=5',
        '--disable-host-loopback',
        '/proc/self/fd/3',
        'eth0',
      ]),
    })
    expect(leave).toEqual([])
    expect(attachment).toMatchObject({
      unreachable: true,
      interfaces: [{ name: 'eth0', mac: '02:ab:ab:ab:ab:ab', addresses: ['10.0.2.100/24'], gateway: '10.0.2.2' }],
      resolvConf: 'nameserver 10.0.2.3\n',
    })
  })

  it('publishes ports through the socket of the helper, and takes that away', () => {
    const { enter, leave } = planSlirp({ ...request, ports }, settings)
    const socket = `/run/rt/net/slirp4netns/${id.slice(0, 32)}.sock`
    expect(enter[2]).toMatchObject({ op: 'helper.start', argv: expect.arrayContaining([`--api-socket=${socket}`]) })
    expect(enter[3]).toMatchObject({ op: 'exec', argv: ['/node', '/forward.js', socket, 'tcp 0.0.0.0 8080 80'] })
    expect(leave).toMatchObject([{ op: 'file.remove', path: socket }])
  })

  it('leaves name servers to the user who gives some', () => {
    expect(planSlirp({ ...request, dns: ['192.0.2.53'] }, settings).attachment.resolvConf).toBeUndefined()
  })

  it('finds sockets of containers that do not live', () => {
    const directory = join(mkdtempSync(join(tmpdir(), 'rt-slirp-')), 'net')
    expect(staleSockets(directory, new Set())).toEqual([])
    mkdirSync(directory)
    for (const name of [id, 'cd'.repeat(32)]) writeFileSync(join(directory, `${name.slice(0, 32)}.sock`), '')
    expect(staleSockets(directory, new Set([id]))).toMatchObject([{ path: join(directory, `${'cd'.repeat(16)}.sock`) }])
    rmSync(join(directory, '..'), { recursive: true })
  })

  it.each([
    ['mtu', 100],
    ['network', '10.0.2.0/24'],
    ['network', '10.0.256'],
    ['hostLoopback', 'maybe'],
    ['mtuu', 1500],
  ])('refuses %s: %s', (name, value) => {
    const make = () => new SlirpNetworkDriver({ root: '/', runRoot: '/', options: { [name]: value } })
    expect(make).toThrow(/^network\.slirp4netns/)
  })
})
