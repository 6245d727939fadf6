import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lock } from '@rt/native'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Layout } from '../layout.ts'
import { type HeldPorts, holdPorts } from './hold.ts'
import { parsePublish } from './wanted.ts'

let directory: string
let layout: Layout
const ends: (() => void)[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-ports-'))
  layout = new Layout(join(directory, 'root'), join(directory, 'run'))
})
afterEach(() => {
  for (const end of ends.splice(0)) end()
  rmSync(directory, { recursive: true })
})

const hold = (publish: readonly string[], addresses: readonly string[] = ['127.0.0.1']): HeldPorts => {
  const held = holdPorts(layout, 'b'.repeat(64), publish.flatMap(parsePublish), addresses)
  ends.push(held.close)
  return held
}

const portOf = (held: HeldPorts): number => held.ports[0]?.hostPort ?? 0

const listening = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, host, () => resolve((server.address() as { port: number }).port))
    ends.push(() => server.close())
  })

describe('holding ports of the host', () => {
  it('finds a free one, the same for every address', () => {
    const { ports } = hold(['80/udp'], ['127.0.0.1', '127.0.0.2'])
    expect(ports).toHaveLength(2)
    expect(ports[0]).toMatchObject({ protocol: 'udp', hostAddress: '127.0.0.1', containerPort: 80 })
    expect(ports[1]).toEqual({ ...ports[0], hostAddress: '127.0.0.2' })
  })

  it('takes the first of a range that is free', () => {
    const first = portOf(hold(['80']))
    const held = hold([`${first}-${first + 20}:80`])
    expect(portOf(held)).toBeGreaterThan(first)
    expect(held.ports).toHaveLength(1)
  })

  it('lets go of everything when one is taken', async () => {
    const free = portOf(hold(['80']))
    ends.pop()?.()
    const taken = await listening('127.0.0.1')
    expect(() => hold([`${free}:80`, `${taken}:81`])).toThrow(/in use/)
    expect(portOf(hold([`${free}:80`]))).toBe(free)
  })

  it('names the program that listens, and whatever it calls itself', async () => {
    process.title = 'a\nname'
    const taken = await listening('127.0.0.1')
    expect(() => hold([`${taken}:80`])).toThrow(
      expect.objectContaining({
        code: 'RT_PORT_TAKEN',
        message: expect.stringMatching(
          new RegExp(`${taken}/tcp of the host is in use by .+ \\(process ${process.pid}\\)$`),
        ),
      }),
    )
  })

  it('names the program that has a UDP port', async () => {
    const socket = createSocket('udp4')
    const port = await new Promise<number>((resolve) =>
      socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)),
    )
    ends.push(() => socket.close())
    expect(() => hold([`${port}:53/udp`])).toThrow(new RegExp(`process ${process.pid}`))
    expect(portOf(hold([`${port}:53/tcp`]))).toBe(port)
  })

  it('does not mind a server at another address', async () => {
    const taken = await listening('127.0.0.2')
    expect(portOf(hold([`127.0.0.1:${taken}:80`]))).toBe(taken)
    expect(() => hold([`0.0.0.0:${taken}:80`])).toThrow(/in use/)
  })

  it('names the container that publishes it', () => {
    const taken = portOf(hold(['80']))
    const id = 'a'.repeat(64)
    mkdirSync(layout.container(id), { recursive: true })
    mkdirSync(layout.run(id), { recursive: true })
    const ports = [{ protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: taken, containerPort: 80 }]
    writeFileSync(layout.record(id), JSON.stringify({ name: 'web', ports }))
    const life = lock(layout.lock(id))
    expect(() => hold([`${taken}:80`])).toThrow(/in use by the container web$/)
    // One that does not live has no ports: somebody else it must be.
    life.release()
    expect(() => hold([`${taken}:80`])).toThrow(/in use$/)
  })

  it('says which one was given twice', () => {
    const free = portOf(hold(['80']))
    ends.pop()?.()
    expect(() => hold([`${free}:80`, `${free}:81`])).toThrow(
      expect.objectContaining({ code: 'RT_PORT_INVALID', message: expect.stringContaining('given twice') }),
    )
  })

  it('refuses an address that the host does not have', () => {
    expect(() => hold(['192.0.2.77:80:80'])).toThrow(
      expect.objectContaining({ code: 'RT_PORT_INVALID', message: expect.stringContaining('192.0.2.77') }),
    )
  })
})
