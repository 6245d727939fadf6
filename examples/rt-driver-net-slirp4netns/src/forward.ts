/**
 * `forward SOCKET "PROTOCOL HOST-ADDRESS HOST-PORT CONTAINER-PORT"...`: has the slirp4netns behind the socket listen on ports of the host. A
 * program of its own, because it is a step: rt performs it, and a person who pastes the script of `rt explain` does the same.
 */
import { connect } from 'node:net'

interface Answer {
  readonly error?: { readonly desc?: string }
}

/** One request is one connection; slirp4netns answers when it has read all of it. */
const ask = (socket: string, request: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let text = ''
    const connection = connect({ path: socket, allowHalfOpen: true })
    connection.setEncoding('utf8')
    connection.on('data', (more: string) => {
      text += more
    })
    connection.on('error', reject)
    connection.on('end', () => {
      connection.end()
      resolve(JSON.parse(text) as Answer)
    })
    connection.end(JSON.stringify(request))
  })

const [socket = '', ...ports] = process.argv.slice(2)
for (const port of ports) {
  const [proto, address, hostPort, containerPort] = port.split(' ')
  const { error } = await ask(socket, {
    execute: 'add_hostfwd',
    arguments: { proto, host_addr: address, host_port: Number(hostPort), guest_port: Number(containerPort) },
  })
  if (error === undefined) continue
  console.error(`slirp4netns cannot listen on ${address}:${hostPort}/${proto}: ${error.desc ?? 'it does not say why'}`)
  process.exitCode = 1
  break
}
