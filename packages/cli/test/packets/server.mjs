// server.mjs PORT...: answers TCP connections and UDP datagrams on each port, of both families, with `NAME PEER`: NAME is the
// environment's, PEER the source address as it was seen. Says `listening` when all of them do.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const name = process.env.NAME ?? 'server'
const answer = (peer) => `${name} ${peer.replace(/^::ffff:/, '').replace(/%.*$/, '')}`

for (const port of process.argv.slice(2).map(Number)) {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(answer(socket.remoteAddress ?? '?'))
  })
  // One socket a family: an answer of a dual-stack UDP socket may leave from another of the host's addresses.
  tcp.listen(port, '::')
  await once(tcp, 'listening')
  for (const type of ['udp4', 'udp6']) {
    const udp = createSocket({ type, ipv6Only: type === 'udp6' })
    udp.on('message', (_, from) => udp.send(answer(from.address), from.port, from.address))
    udp.bind(port)
    await once(udp, 'listening')
  }
}
process.stdout.write('listening\n')
