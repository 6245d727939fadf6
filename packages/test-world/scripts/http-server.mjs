// An HTTP server for tests: answers every request with the peer's address and prints what it saw, one JSON line each.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const peer = request.socket.remoteAddress
  process.stdout.write(`${JSON.stringify({ peer, method: request.method, url: request.url })}\n`)
  response.setHeader('connection', 'close')
  response.end(`${peer}\n`)
})
server.listen(Number(process.argv[2]), '0.0.0.0', () => process.stdout.write('listening\n'))
