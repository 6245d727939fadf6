// A TCP echo server for tests: tells each peer its address first, and prints it.
import { createServer } from 'node:net'

const server = createServer((socket) => {
  process.stdout.write(`${socket.remoteAddress}\n`)
  socket.on('error', () => socket.destroy())
  socket.write(`${socket.remoteAddress}\n`)
  socket.pipe(socket)
})
server.listen(Number(process.argv[2]), '0.0.0.0', () => process.stdout.write('listening\n'))
