import { closeSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type ReservedPort, reservePort } from '../src/index.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const reserve = (protocol: 'tcp' | 'udp', address: string, port: number): ReservedPort => {
  const reserved = reservePort(protocol, address, port)
  closing.push(() => closeSync(reserved.fd))
  return reserved
}

const listen = (port: number, host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject).listen({ port, host }, () => {
      closing.push(() => server.close())
      resolve(server)
    })
  })

const attempt = (port: number): Promise<string> =>
  new Promise((resolve) => {
    const client = connect({ port, host: '127.0.0.1' })
    client
      .on('connect', () => {
        client.destroy()
        resolve('connected')
      })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })

/** The port of a server that has closed a connection first: the kernel remembers that connection for a minute. */
const usedPort = async (): Promise<number> => {
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => {
    connect({ port, host: '127.0.0.1' })
      .resume()
      .on('close', () => resolve())
  })
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

describe('a reserved port', () => {
  it('is nobody else’s, and refuses connections', async () => {
    const { port } = reserve('tcp', '127.0.0.1', 0)
    expect(port).toBeGreaterThan(1023)
    await expect(listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await attempt(port)).toBe('ECONNREFUSED')
  })

  it('is not in the way of another address, and all addresses are in the way of one', () => {
    const { port } = reserve('udp', '127.0.0.1', 0)
    expect(reserve('udp', '127.0.0.2', port).port).toBe(port)
    expect(() => reserve('udp', '0.0.0.0', port)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
  })

  it('is reserved per family', () => {
    const { port } = reserve('tcp', '0.0.0.0', 0)
    expect(reserve('tcp', '::', port).port).toBe(port)
  })

  it('does not mind what is left of a server’s connections, and is exclusive nevertheless', async () => {
    const port = await usedPort()
    expect(reserve('tcp', '127.0.0.1', port).port).toBe(port)
    // Node's servers reuse addresses.
    await expect(listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(() => reserve('tcp', '127.0.0.1', port)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
    expect(await attempt(port)).toBe('ECONNREFUSED')
  })

  it('cannot be one of an address that the host does not have', () => {
    expect(() => reservePort('tcp', '192.0.2.1', 0)).toThrow(expect.objectContaining({ code: 'EADDRNOTAVAIL' }))
    expect(() => reservePort('tcp', '1.2.3', 0)).toThrow(TypeError)
  })
})
