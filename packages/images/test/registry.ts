import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/** Why the suite cannot run here; give it to `describe.skipIf`. */
export const noRegistry = spawnSync('docker-registry', ['--version']).error !== undefined

export interface RegistryOptions {
  /** Lines below `http:` of its config. */
  readonly http?: string
  /** Further sections. */
  readonly more?: string
}

/** Debian's registry on a port of loopback, with a directory of its own. */
export class TestRegistry implements AsyncDisposable {
  readonly port: number
  readonly directory: string
  readonly #child: ChildProcess

  private constructor(port: number, directory: string, child: ChildProcess) {
    this.port = port
    this.directory = directory
    this.#child = child
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  static async start({ http = '', more = '' }: RegistryOptions = {}): Promise<TestRegistry> {
    const directory = mkdtempSync(join(tmpdir(), 'rt-registry-'))
    mkdirSync(join(directory, 'data'))
    const config = join(directory, 'config.yml')
    writeFileSync(
      config,
      `version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${directory}/data}, delete: {enabled: true}}
http:
  addr: 127.0.0.1:0
${http}
${more}
`,
    )
    const child = spawn('docker-registry', ['serve', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    })
    return new TestRegistry(await portOf(child), directory, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill()
      await ended
    }
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** The kernel chooses the port, so that nobody can be faster; the registry says which it is once it listens there. */
const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    let said = ''
    // Read to its end, long after: the registry waits for whoever does not take what it says.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000)
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('exit', () => reject(new Error(`docker-registry does not start: ${said}`)))
    child.once('error', reject)
  })

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Of the answer's body that went through. */
  bytes: number
  status: number
}

/** May answer by itself (true), or change what goes by. */
export interface Meddle {
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** What is to become of a piece of an answer; `undefined`: the connection is cut. `at`: bytes of the answer before it. */
  readonly piece?: (seen: Seen, piece: Buffer, at: number) => Buffer | undefined
}

/** Stands before a registry, counts what goes by, and does to it what networks do. */
export class Middleman implements AsyncDisposable {
  readonly seen: Seen[] = []
  meddle: Meddle = {}
  readonly #server: Server
  readonly #target: number

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  blobs(method = 'GET'): Seen[] {
    return this.seen.filter((seen) => seen.method === method && /\/blobs\/sha256:/.test(seen.url))
  }

  static async before(port: number): Promise<Middleman> {
    const server = createServer()
    const man = new Middleman(server, port)
    server.on('request', (incoming, outgoing) => man.#pass(incoming, outgoing))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return man
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = '', url = '', headers } = incoming
    const seen: Seen = { method, url, headers, bytes: 0, status: 0 }
    this.seen.push(seen)
    if (this.meddle.answer?.(incoming, outgoing)) return
    const onward = request({ port: this.#target, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      seen.status = answer.statusCode ?? 0
      outgoing.writeHead(seen.status, answer.headers)
      answer.on('data', (piece: Buffer) => {
        const passed = this.meddle.piece ? this.meddle.piece(seen, piece, seen.bytes) : piece
        if (passed === undefined) {
          answer.destroy()
          outgoing.destroy()
          return
        }
        seen.bytes += passed.length
        if (!outgoing.write(passed)) {
          answer.pause()
          outgoing.once('drain', () => answer.resume())
        }
      })
      answer.on('end', () => outgoing.end())
      // Cut on purpose, by either side.
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.on('error', () => onward.destroy())
    incoming.pipe(onward)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** One of each for all tests of a block; at the beginning of every test nobody meddles and nothing was seen. */
export const useRegistry = (take: (registry: TestRegistry, man: Middleman) => void): void => {
  let registry: TestRegistry | undefined
  let man: Middleman | undefined
  beforeAll(async () => {
    registry = await TestRegistry.start()
    man = await Middleman.before(registry.port)
    take(registry, man)
  })
  afterAll(async () => {
    await man?.[Symbol.asyncDispose]()
    await registry?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    if (!man) return
    man.meddle = {}
    man.seen.length = 0
  })
}
