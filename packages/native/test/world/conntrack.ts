import { createSocket } from 'node:dgram'
import { type ConntrackFilter, capture, flushConntrack, performSteps } from '../../src/index.ts'

const why = 'test'
performSteps([
  { op: 'link.add', where: 'host', kind: 'bridge', name: 'up0', why },
  { op: 'link.set', where: 'host', name: 'up0', up: true, why },
  { op: 'link.set', where: 'host', name: 'lo', up: true, why },
  { op: 'addr.add', where: 'host', link: 'up0', address: '10.0.0.1/24', why },
  { op: 'addr.add', where: 'host', link: 'up0', address: 'fd00::1/64', why },
  { op: 'route.add', where: 'host', to: 'default', via: '10.0.0.2', link: 'up0', why },
])
// Connections are tracked where a rule asks for it.
for (const program of ['iptables', 'ip6tables']) capture(program, '-A', 'OUTPUT', '-m', 'conntrack', '--ctstate', 'NEW')

const send = (address: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.send('x', port, address, (error) => {
      socket.close()
      if (error) reject(error)
      else resolve()
    })
  })

const own = ['127.0.0.1', '10.0.0.1', '::1', 'fd00::1']
const foreign = '9.9.9.9'
for (const address of [...own, foreign]) await send(address, 53)
for (const port of [54, 55, 56, 57]) await send('10.0.0.1', port)

const flush = (protocol: ConntrackFilter['protocol'], port: number, address?: string): number =>
  flushConntrack({ protocol, ports: [port], ...(address === undefined ? {} : { address }) })
const result = {
  otherProtocol: flush('tcp', 53),
  oneAddress: flush('udp', 53, '127.0.0.1'),
  restOfFamily: flush('udp', 53, '0.0.0.0'),
  allOfOthers: flush('udp', 53),
  again: flush('udp', 53),
  foreign: flush('udp', 53, foreign),
  otherPort: flush('udp', 54, '10.0.0.1'),
  several: flushConntrack({ protocol: 'udp', ports: [53, 56, 57] }),
}
console.log(JSON.stringify(result))
