import type { OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { isRtError, RtError } from '@rt/driver-api'
import { authorization } from './authorize.ts'
import { type Credentials, findCredentials } from './credentials.ts'
import type { Endpoint } from './endpoints.ts'
import { denied, invalid, isConnectionError, isGarbled, isUntrusted, reasonOf, refused, untrusted } from './errors.ts'
import { type Answer, Http, type Message, readAll } from './http.ts'
import { PASSING, Passing, retrying } from './retry.ts'
import type { RegistryAccess } from './settings.ts'
import { authorities } from './trust.ts'

const MOST_MESSAGE = 1 << 20
/** Milliseconds for the first answer, which costs a registry nothing: who takes connections and says nothing is none. */
const FIRST_ANSWER = 10_000

export interface RegistryRequest {
  readonly method: Message['method']
  /** Below `/v2/`, or absolute where the registry said where to go. */
  readonly to: string | URL
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer | Readable
  /** What it is about, for messages: `the manifest of team/app:1`. */
  readonly what: string
  /** What is wanted with it, in the words of the token server. */
  readonly scope: string
  readonly repository: string
  /** Ends this request alone. */
  readonly signal?: AbortSignal
}

/** One server with the API of the OCI distribution specification 1.1 (Docker's registry API, version 2). */
export class Registry {
  readonly host: string
  readonly prefix: string
  readonly #endpoint: Endpoint
  readonly #http: Http
  readonly #credentials: Credentials | undefined
  readonly #signal: AbortSignal | undefined
  /** By scope. */
  readonly #authorizations = new Map<string, string>()
  #base: URL | undefined
  #challenge: string | undefined

  /** Errors: RT_REGISTRY_CREDENTIALS, RT_CONFIG_INVALID. `credentials`: those of Docker's config by default. */
  constructor(endpoint: Endpoint, { env = {} }: RegistryAccess, signal?: AbortSignal, credentials?: Credentials) {
    this.host = endpoint.host
    this.prefix = endpoint.prefix
    this.#endpoint = endpoint
    const { host, ca, verify } = endpoint
    this.#http = new Http({ verify, authorities: () => authorities(host, ca, env) }, env)
    this.#credentials = credentials ?? findCredentials(endpoint.host, env)
    this.#signal = signal
  }

  close(): void {
    this.#http.close()
  }

  /** Finds out how it is spoken to. Errors: RT_REGISTRY_UNREACHABLE, RT_REGISTRY_UNTRUSTED, RT_REGISTRY_INVALID. */
  async connect(): Promise<void> {
    let problem: unknown
    for (const base of this.#endpoint.bases) {
      try {
        await this.#ping(base)
        this.#base = base
        return
      } catch (error) {
        if (isRtError(error)) throw error
        if (isUntrusted(error)) throw untrusted(this.host, error)
        // Of HTTPS and HTTP the first says more, unless it was only that the other one is spoken there.
        problem = problem === undefined || !isConnectionError(problem) ? error : problem
      }
    }
    throw new RtError('RT_REGISTRY_UNREACHABLE', `The registry ${this.host} cannot be reached: ${reasonOf(problem)}.`, {
      cause: problem,
    })
  }

  /**
   * Answers what `accept` names. Errors: RT_REGISTRY_DENIED, RT_REGISTRY_REFUSED, RT_REGISTRY_UNREACHABLE, `Passing`, and the connection's
   * own, which are for `Patience`.
   */
  async request(request: RegistryRequest, accept: readonly number[]): Promise<Answer> {
    const answer = await this.#authorized(request)
    if (accept.includes(answer.status)) return answer
    const { status, headers, body } = answer
    const text = (await readAll(body, MOST_MESSAGE)).toString('utf8')
    if (status === 401 || status === 403) throw denied(this.host, request.repository, this.#credentials !== undefined)
    const error = refused(this.host, request.what, status, text)
    throw PASSING.has(status) ? new Passing(error, headers['retry-after']) : error
  }

  /** A request without a stream, again where its failure may pass, read to its end. */
  read(request: RegistryRequest, accept: readonly number[], most = MOST_MESSAGE): Promise<Answer & { bytes: Buffer }> {
    return this.told(async () => {
      const answer = await this.request(request, accept)
      try {
        return { ...answer, bytes: await readAll(answer.body, most) }
      } catch (error) {
        if (error instanceof RangeError) throw invalid(this.host, `${request.what}, which is too large`, error)
        throw error
      }
    })
  }

  /** Does `work` again where its failure may pass; a connection's failure that does not becomes RT_REGISTRY_UNREACHABLE. */
  async told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await retrying(work, this.#signal)
    } catch (error) {
      throw this.lost(error)
    }
  }

  lost(error: unknown): unknown {
    if (error instanceof Passing) return error.final
    if (isRtError(error)) return error
    if (isGarbled(error)) return invalid(this.host, `what is no HTTP (${reasonOf(error)})`, error)
    if (isUntrusted(error)) return untrusted(this.host, error)
    if (!isConnectionError(error)) return error
    return new RtError('RT_REGISTRY_UNREACHABLE', `The connection to ${this.host} was lost: ${reasonOf(error)}.`, {
      cause: error,
    })
  }

  async #ping(base: URL): Promise<void> {
    const { status, headers, body } = await this.#http.send({
      method: 'GET',
      url: base,
      patience: FIRST_ANSWER,
      ...this.#cancel(),
    })
    await readAll(body, MOST_MESSAGE)
    this.#challenge = headers['www-authenticate']
    if (status === 200 || status === 401 || status === 403) return
    const error = invalid(this.host, `HTTP ${status} where a registry has its API (${base.href})`)
    throw error
  }

  async #authorized(request: RegistryRequest): Promise<Answer> {
    const { scope } = request
    if (!this.#authorizations.has(scope) && this.#challenge !== undefined) await this.#prove(scope, this.#challenge)
    const known = this.#authorizations.get(scope)
    const answer = await this.#send(request, known)
    // A stream that was sent cannot be sent again; its token was tried by the request that opened the upload.
    if (answer.status !== 401 || (request.body !== undefined && !Buffer.isBuffer(request.body))) return answer
    const renewed = await this.#prove(scope, answer.headers['www-authenticate'])
    if (renewed === undefined || (renewed === known && renewed.startsWith('Basic'))) return answer
    answer.body.destroy()
    return this.#send(request, renewed)
  }

  async #prove(scope: string, challenge: string | undefined): Promise<string | undefined> {
    const found = await authorization(challenge, scope, {
      host: this.host,
      http: this.#http,
      credentials: this.#credentials,
      secure: this.#base?.protocol === 'https:' && this.#endpoint.verify,
      signal: this.#signal,
    })
    if (found !== undefined) this.#authorizations.set(scope, found)
    return found
  }

  #send({ method, to, headers, body, signal }: RegistryRequest, proof: string | undefined): Promise<Answer> {
    if (this.#base === undefined) throw new Error('a request before connect()')
    const url = new URL(to, this.#base)
    // An upload may be sent elsewhere: what proves us here is nobody else's business.
    const proven = proof !== undefined && url.origin === this.#base.origin
    return this.#http.send({
      method,
      url,
      headers: { ...headers, ...(proven && { authorization: proof }) },
      ...(body === undefined ? {} : { body }),
      ...this.#cancel(signal),
    })
  }

  #cancel(own?: AbortSignal): { signal?: AbortSignal } {
    const signals = [own, this.#signal].filter((signal) => signal !== undefined)
    return signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }
  }
}
