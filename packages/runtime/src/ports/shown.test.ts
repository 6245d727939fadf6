import type { PublishedPort } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import type { Container } from '../store/containers.ts'
import { portLines, portMap, portSummary } from './shown.ts'

const port = (hostPort: number, containerPort: number, more: Partial<PublishedPort> = {}): PublishedPort => ({
  protocol: 'tcp',
  hostAddress: '0.0.0.0',
  hostPort,
  containerPort,
  ...more,
})

const container = (ports: readonly PublishedPort[], status = 'running', exposed?: readonly string[]): Container =>
  ({ record: { ports, exposed }, state: { status } }) as unknown as Container

describe('published ports as they are shown', () => {
  it('one beside the other in the table', () => {
    const ports = [port(8080, 80), port(8080, 80, { hostAddress: '::' }), port(53, 53, { protocol: 'udp' })]
    expect(portSummary(container(ports))).toBe('0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 0.0.0.0:53->53/udp')
  })

  it('neighbours as a range, and exposed ones behind', () => {
    const ports = [port(8001, 81), port(8000, 80), port(8002, 90)]
    expect(portSummary(container(ports, 'running', ['80/tcp', '443/tcp']))).toBe(
      '0.0.0.0:8000-8001->80-81/tcp, 0.0.0.0:8002->90/tcp, 443/tcp',
    )
  })

  it('lines of rt port', () => {
    const ports = [port(8080, 80), port(8080, 80, { hostAddress: '::' }), port(5353, 80, { protocol: 'udp' })]
    expect(portLines(container(ports))).toEqual([
      '80/tcp -> 0.0.0.0:8080',
      '80/tcp -> [::]:8080',
      '80/udp -> 0.0.0.0:5353',
    ])
    expect(portLines(container(ports), '80')).toEqual(['0.0.0.0:8080', '[::]:8080'])
    expect(portLines(container(ports), '80/udp')).toEqual(['0.0.0.0:5353'])
    expect(portLines(container(ports), '81')).toEqual([])
  })

  it('Docker’s map, with null for what is only exposed', () => {
    expect(portMap(container([port(8080, 80)], 'running', ['80/tcp', '443/tcp']))).toEqual({
      '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
      '443/tcp': null,
    })
  })

  it('nothing of a container that does not live', () => {
    const ended = container([port(8080, 80)], 'exited', ['443/tcp'])
    expect([portSummary(ended), portLines(ended), portMap(ended)]).toEqual(['', [], {}])
  })
})
