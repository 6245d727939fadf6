import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from 'node:http'
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createSecureContext } from 'node:tls'
import { invalid, isUntrusted } from './errors.ts'

/** Milliseconds until a connection has to stand, name looked up and TLS agreed on: without a network one wants to hear of it at once. */
const CONNECT = 5_000
/** Milliseconds without a byte after which a connection counts as cut. */
const SILENCE = 60_000
const MOST_REDIRECTS = 8

export interface Trust {
  /** Whether certificates are checked. */
  readonly verify: boolean
  /** Certificates of all authorities, PEM; asked for when Node's own do not do, because reading the machine's takes its time. */
  readonly authorities: () => readonly string[]
}

export interface Message {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: OutgoingHttpHeaders
  /** A stream is sent once: such a request is never sent again. */
  readonly body?: Buffer | Readable
  readonly signal?: AbortSignal
  /** Milliseconds to wait for the answer; default: as long as for any byte of it. */
  readonly patience?: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** To be read to its end or destroyed. */
  readonly body: IncomingMessage
  /** Where it came from in the end. */
  readonly url: URL
}

/** Sends single requests over connections that are kept. No retries, no authorization: those are the client's. */
export class Http {
  readonly #plain: PlainAgent
  readonly #options: object
  readonly #trust: Trust
  #tls: TlsAgent
  /** Whether the TLS agent trusts all that there is to trust. */
  #trusting = false

  constructor(trust: Trust, env: NodeJS.ProcessEnv) {
    // HTTP_PROXY and the like: Node 24 knows them, an older one goes directly.
    // A look-up cannot be called off, and a process waits for it at its end: the C library's own limit is 10 s and more (resolv.conf(5)).
    process.env.RES_OPTIONS ??= 'timeout:2 attempts:2'
    this.#options = { keepAlive: true, proxyEnv: proxies(env), rejectUnauthorized: trust.verify }
    this.#trust = trust
    this.#plain = new PlainAgent(this.#options)
    this.#tls = new TlsAgent(this.#options)
  }

  close(): void {
    this.#plain.destroy()
    this.#tls.destroy()
  }

  /** Follows redirects of GET and HEAD, without the authorization where they lead to another host. Errors: RT_REGISTRY_INVALID, Node's own. */
  async send(message: Message): Promise<Answer> {
    let next = message
    for (let redirects = 0; ; redirects++) {
      const body = await this.#trusted(next)
      const status = body.statusCode ?? 0
      const { location } = body.headers
      const answer = { status, headers: body.headers, body, url: next.url }
      if (location === undefined || !REDIRECTS.has(status) || !FOLLOWED.has(message.method)) return answer
      body.destroy()
      if (redirects === MOST_REDIRECTS) throw invalid(next.url.host, 'a redirect in circles')
      next = this.#redirected(next, location)
    }
  }

  async #trusted(message: Message): Promise<IncomingMessage> {
    try {
      return await this.#once(message)
    } catch (error) {
      if (!isUntrusted(error) || this.#trusting) throw error
    }
    this.#trusting = true
    this.#tls.destroy()
    // One context for all connections: each would parse hundreds of certificates otherwise.
    const secureContext = createSecureContext({ ca: [...this.#trust.authorities()] })
    this.#tls = new TlsAgent({ ...this.#options, secureContext })
    return this.#once(message)
  }

  #redirected(message: Message, location: string): Message {
    const { host } = message.url
    if (!URL.canParse(location, message.url.href)) throw invalid(host, 'a redirect that leads nowhere')
    const url = new URL(location, message.url)
    if (!/^https?:$/.test(url.protocol)) throw invalid(host, `a redirect to ${url.protocol}`)
    if (message.url.protocol === 'https:' && url.protocol === 'http:' && this.#trust.verify)
      throw invalid(host, `a redirect from HTTPS to plain HTTP at ${url.host}`)
    if (url.host === host) return { ...message, url }
    const { authorization: _, ...headers } = message.headers ?? {}
    return { ...message, url, headers }
  }

  #once({ method, url, headers, body, signal, patience = SILENCE }: Message): Promise<IncomingMessage> {
    const tls = url.protocol === 'https:'
    const options: RequestOptions = {
      method,
      headers: { 'user-agent': 'rt', ...headers },
      agent: tls ? this.#tls : this.#plain,
      ...(signal && { signal }),
    }
    const send = tls ? tlsRequest : plainRequest
    return new Promise((resolve, reject) => {
      const request = send(url, options)
      request.on('error', reject)
      request.on('response', (response) => {
        response.setTimeout(SILENCE, () => response.destroy(timeout()))
        resolve(response)
      })
      limitConnecting(request, tls)
      request.setTimeout(patience, () => request.destroy(timeout()))
      if (body === undefined || Buffer.isBuffer(body)) request.end(body)
      // The answer, an error's too, may come before all is sent.
      else pipeline(body, request).catch(reject)
    })
  }
}

/** No proxy stands between this machine and itself, as in Docker. */
const proxies = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const none = [env.no_proxy ?? env.NO_PROXY, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',')
  return { ...env, no_proxy: none, NO_PROXY: none }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const FOLLOWED: ReadonlySet<string> = new Set(['GET', 'HEAD'])

const timeout = (): Error => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })

const limitConnecting = (request: ClientRequest, tls: boolean): void => {
  const timer = setTimeout(() => request.destroy(timeout()), CONNECT)
  const stop = (): void => clearTimeout(timer)
  request.on('close', stop)
  request.on('socket', (socket) => {
    if (!socket.connecting) stop()
    else socket.once(tls ? 'secureConnect' : 'connect', stop)
  })
}

/** Reads an answer of at most `most` bytes. */
export const readAll = async (body: IncomingMessage, most: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) {
      body.destroy()
      throw new RangeError(`more than ${most} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
