// client.mjs JSON: [{protocol, address, port}, ...] are all tried at once; prints a JSON array of the answers, null where there was
// none: refused, unreachable, or silence for TIMEOUT ms (1000).
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const patience = Number(process.env.TIMEOUT ?? 1000)

const tcp = ({ address, port }) =>
  new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: address, port })
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(text || null)
    }
    const timer = setTimeout(end, patience)
    socket.on('data', (data) => {
      text += data
    })
    socket.on('error', end)
    socket.on('close', end)
  })

const udp = ({ address, port }) =>
  new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const end = (text) => {
      clearTimeout(timer)
      socket.close()
      resolve(text)
    }
    const timer = setTimeout(() => end(null), patience)
    socket.on('message', (data) => end(String(data)))
    socket.on('error', () => end(null))
    socket.connect(port, address, (error) => (error ? end(null) : socket.send('?')))
  })

const probes = JSON.parse(process.argv[2])
process.stdout.write(
  JSON.stringify(await Promise.all(probes.map((each) => (each.protocol === 'tcp' ? tcp : udp)(each)))),
)
