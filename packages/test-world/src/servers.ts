import { join } from 'node:path'
import type { Place } from './place.ts'
import type { Running } from './running.ts'

export interface SeenRequest {
  /** The source address of the connection, as the server saw it. */
  readonly peer: string
  readonly method: string
  readonly url: string
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number
  /** All so far, in order. */
  readonly requests: readonly SeenRequest[]
}

export interface TcpServer extends AsyncDisposable {
  readonly port: number
  /** The source addresses of all connections so far, in order. */
  readonly peers: readonly string[]
}

const script = (name: string): string => join(import.meta.dirname, '../scripts', name)

export async function startHttpServer(place: Place, port: number): Promise<HttpServer> {
  const server = await start(place, 'http-server.mjs', port)
  return {
    port,
    get requests() {
      return lines(server).map((line): SeenRequest => JSON.parse(line))
    },
    [Symbol.asyncDispose]: () => stop(server),
  }
}

export async function startTcpServer(place: Place, port: number): Promise<TcpServer> {
  const server = await start(place, 'tcp-server.mjs', port)
  return {
    port,
    get peers() {
      return lines(server)
    },
    [Symbol.asyncDispose]: () => stop(server),
  }
}

async function start(place: Place, name: string, port: number): Promise<Running> {
  const server = place.spawn([process.execPath, script(name), String(port)])
  await server.waitFor(/^listening\n/)
  return server
}

async function stop(server: Running): Promise<void> {
  await server.kill()
  await server.exit
}

function lines(server: Running): string[] {
  return server.stdout.split('\n').slice(1).filter(Boolean)
}
