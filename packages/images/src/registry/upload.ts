import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { isRtError } from '@rt/driver-api'
import type { Descriptor } from '../store/manifest.ts'
import type { Registry, RegistryRequest } from './client.ts'
import { invalid } from './errors.ts'
import { type Answer, readAll } from './http.ts'
import { Patience } from './retry.ts'

const PIECE = 256 << 10
const MOST_MESSAGE = 1 << 20

export interface UploadInput {
  readonly registry: Registry
  /** Below the registry's prefix. */
  readonly path: string
  readonly descriptor: Descriptor
  readonly file: string
  /** Another repository of the registry that may have it. */
  readonly from: string | undefined
  readonly signal: AbortSignal
  readonly onState: (state: 'sending' | 'exists' | 'mounted' | 'done', bytes: number) => void
}

/** One blob on its way to a registry. After a cut connection it goes on where the registry says it was. */
export class Upload {
  readonly #input: UploadInput
  readonly #repository: string
  readonly #scope: string

  constructor(input: UploadInput) {
    const { registry, path, from } = input
    this.#input = input
    this.#repository = registry.prefix + path
    this.#scope = `repository:${this.#repository}:pull,push${from === undefined ? '' : ` repository:${registry.prefix + from}:pull`}`
  }

  /** Errors: RT_REGISTRY_*. */
  async run(): Promise<'exists' | 'mounted' | 'done'> {
    const { descriptor, onState } = this.#input
    const outcome = (await this.#exists()) ? 'exists' : await this.#begin()
    if (typeof outcome === 'string') {
      onState(outcome, descriptor.size)
      return outcome
    }
    const end = await this.#send(outcome)
    await this.#finish(end)
    onState('done', descriptor.size)
    return 'done'
  }

  #request(method: RegistryRequest['method'], to: string | URL, rest: Partial<RegistryRequest> = {}): RegistryRequest {
    const what = `the blob ${this.#input.descriptor.digest}`
    return { method, to, what, repository: this.#repository, scope: this.#scope, ...rest }
  }

  async #exists(): Promise<boolean> {
    const { registry, descriptor } = this.#input
    const to = `${this.#repository}/blobs/${descriptor.digest}`
    return (await registry.read(this.#request('HEAD', to), [200, 404])).status === 200
  }

  /** `mounted`, or where to send it. */
  async #begin(): Promise<'mounted' | URL> {
    const { registry, descriptor, from } = this.#input
    if (from === undefined) return this.#open()
    const mount = new URLSearchParams({ mount: descriptor.digest, from: registry.prefix + from })
    const answer = await this.#post(`?${mount}`, [201, 202])
    // Whoever does not mount begins an upload instead.
    return answer.status === 201 ? 'mounted' : this.#location(answer)
  }

  async #open(): Promise<URL> {
    return this.#location(await this.#post('', [202]))
  }

  #post(query: string, accept: readonly number[]): Promise<Answer> {
    const to = `${this.#repository}/blobs/uploads/${query}`
    return this.#input.registry.read(this.#request('POST', to, { headers: { 'content-length': 0 } }), accept)
  }

  /** Answers where to say that it is all. */
  async #send(begin: URL): Promise<URL> {
    const { registry, descriptor, signal } = this.#input
    const patience = new Patience()
    let [to, at] = [begin, 0]
    let denied = false
    while (at < descriptor.size) {
      try {
        to = await this.#patch(to, at)
        at = descriptor.size
      } catch (error) {
        // A token may be over by the time that a large blob is through; asking how far it is gets a new one.
        const expired: boolean = isRtError(error) && error.code === 'RT_REGISTRY_DENIED' && !denied
        denied ||= expired
        try {
          if (!expired) await patience.after(error, signal)
        } catch (final) {
          throw registry.lost(final)
        }
        const before: number = at
        ;[to, at] = await this.#resume(to)
        if (at > before) patience.renew()
      }
    }
    return to
  }

  /**
   * Docker's own registry knows no upload any more that was cut in the middle: that begins anew. So does one of which nothing has arrived: it
   * may still be busy with what was sent before.
   */
  async #resume(to: URL): Promise<[to: URL, at: number]> {
    const status = await this.#input.registry.read(this.#request('GET', to), [204, 404, 416])
    const reached = status.status === 204 ? reachedOf(status) : 0
    return reached > 0 ? [this.#location(status, to), reached] : [await this.#open(), 0]
  }

  async #patch(to: URL, at: number): Promise<URL> {
    const { registry, descriptor, file, onState } = this.#input
    const pieces = async function* (): AsyncGenerator<Buffer> {
      let sent = at
      onState('sending', sent)
      for await (const piece of createReadStream(file, { start: at, highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
        yield piece
        sent += piece.length
        onState('sending', sent)
      }
    }
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': descriptor.size - at,
      ...(at > 0 && { 'content-range': `${at}-${descriptor.size - 1}` }),
    }
    const body = Readable.from(pieces(), { objectMode: false })
    const answer = await registry.request(this.#request('PATCH', to, { headers, body }), [202, 204, 201])
    await readAll(answer.body, MOST_MESSAGE)
    return this.#location(answer, to)
  }

  async #finish(location: URL): Promise<void> {
    const to = new URL(location)
    to.searchParams.set('digest', this.#input.descriptor.digest)
    await this.#input.registry.read(this.#request('PUT', to, { headers: { 'content-length': 0 } }), [201, 204])
  }

  #location({ headers, url }: Answer, before?: URL): URL {
    if (headers.location !== undefined) return new URL(headers.location, url)
    if (before !== undefined) return before
    throw invalid(this.#input.registry.host, 'no place to upload to')
  }
}

/** `Range: 0-1023`: bytes that the registry has. It says `0-0` for none as well as for one. */
const reachedOf = ({ headers }: Answer): number => {
  const last = Number(/^(?:bytes=)?0-([0-9]+)$/.exec(String(headers.range ?? ''))?.[1] ?? 0)
  return last === 0 ? 0 : last + 1
}
