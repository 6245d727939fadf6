// Whoever takes part in a test of packets: serves TCP and UDP on port 80 and tells each caller who it is and what address it sees; asks
// others when told to. `peer.mjs NAME`; lines of JSON on standard input and output.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const name = process.argv[2]
const plain = (address) => address?.replace('::ffff:', '').replace(/%.*/, '')

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.end(`${name} sees ${plain(socket.remoteAddress)}`)
}).listen(80, '::')
const datagrams = createSocket({ type: 'udp6' })
datagrams.on('message', (_, from) => datagrams.send(`${name} sees ${plain(from.address)}`, from.port, from.address))
datagrams.bind(80, '::')

// What listens here is for this host's own programs alone. It only listens: an answer would be lost on the way.
const secrets = ['127.0.0.1', '::1'].map((address) => {
  const secret = createSocket(address === '::1' ? 'udp6' : 'udp4')
  secret.on('message', () => console.log('heard'))
  return secret.bind(9000, address)
})
await Promise.all([server, datagrams, ...secrets].map((each) => once(each, 'listening')))
console.log('ready')

const stream = (address, port, from) =>
  new Promise((resolve) => {
    const socket = createConnection({ host: address, port, ...(from && { localAddress: from }) })
    let said = ''
    socket.on('data', (data) => (said += data))
    socket.on('end', () => resolve(said))
    socket.on('error', ({ code }) => resolve(code))
  })

/** From one socket, so that it is one flow for the kernel; asked again, as everybody does who speaks UDP. */
const flows = new Map()
const datagram = (address, port, flow) =>
  new Promise((resolve) => {
    const socket = flows.get(flow) ?? createSocket(address.includes(':') ? 'udp6' : 'udp4')
    if (flow) flows.set(flow, socket)
    socket.removeAllListeners()
    socket.on('message', (data) => resolve(String(data)))
    socket.on('error', ({ code }) => resolve(code))
    socket.send('who?', port, address, (error) => error && resolve(error.code))
  })

const answer = async ({ id, protocol, address, port, patience, flow, from }) => {
  const late = new Promise((resolve) => setTimeout(resolve, patience, 'nothing'))
  const told = protocol === 'tcp' ? stream(address, port, from) : datagram(address, port, flow)
  console.log(`answer ${id} ${await Promise.race([told, late])}`)
}
for await (const line of createInterface({ input: process.stdin })) answer(JSON.parse(line))
process.exit()
