import { createHash } from 'node:crypto'
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { diskFull } from '../store/disk-full.ts'
import type { Descriptor } from '../store/manifest.ts'
import type { Registry } from './client.ts'
import { invalid, wrongDigest } from './errors.ts'
import { pullScope } from './resolve.ts'
import { Patience } from './retry.ts'

const CHUNK = 256 << 10

export interface DownloadInput {
  readonly registry: Registry
  /** Below the registry's prefix. */
  readonly path: string
  readonly descriptor: Descriptor
  /** The file that it grows in; it may have a beginning from last time. */
  readonly file: string
  readonly signal: AbortSignal
  /** Bytes so far, those of last time included. */
  readonly onBytes: (bytes: number) => void
}

/**
 * One blob on its way from a registry into a file. After a cut connection it goes on where it was (HTTP Range), also where the one that began
 * it was another process.
 */
export class Download {
  /** Bytes that were there when it began. */
  readonly resumed: number
  readonly #input: DownloadInput
  readonly #fd: number
  readonly #hash = createHash('sha256')
  /** Bytes that are in the file and in the hash. */
  #at = 0
  /** The latest call of `pieces`: an earlier one that was given up may still get a chunk, and must not touch the file any more. */
  #turn = 0
  #body: { destroy(): void } | undefined

  constructor(input: DownloadInput) {
    this.#input = input
    try {
      this.#fd = openSync(input.file, 'a+', 0o600)
    } catch (error) {
      throw diskFull(error)
    }
    const { size } = fstatSync(this.#fd)
    this.resumed = size <= input.descriptor.size ? size : 0
    if (this.resumed !== size) ftruncateSync(this.#fd, 0)
  }

  /** All bytes from the first, or from where an earlier call was given up. Errors: RT_REGISTRY_*, RT_DISK_FULL. */
  async *pieces(): AsyncGenerator<Buffer> {
    this.#giveUp()
    yield* this.#fromFile()
    const { size } = this.#input.descriptor
    const patience = new Patience()
    while (this.#at < size) {
      try {
        for await (const piece of this.#fromNetwork()) {
          patience.renew()
          yield piece
        }
        if (this.#at < size) throw Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' })
      } catch (error) {
        try {
          await patience.after(error, this.#input.signal)
        } catch (final) {
          throw this.#input.registry.lost(final)
        }
      }
    }
  }

  /** Errors: RT_REGISTRY_DIGEST. */
  verify(): void {
    const found = `sha256:${this.#hash.digest('hex')}`
    const { digest } = this.#input.descriptor
    if (found !== digest) throw wrongDigest(this.#input.registry.host, digest, found)
  }

  close(): void {
    this.#giveUp()
    closeSync(this.#fd)
  }

  #giveUp(): void {
    this.#turn++
    this.#body?.destroy()
    this.#body = undefined
  }

  *#fromFile(): Generator<Buffer> {
    while (this.#at < this.resumed) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, this.resumed - this.#at))
      const length = readSync(this.#fd, buffer, 0, buffer.length, this.#at)
      const piece = buffer.subarray(0, length)
      this.#hash.update(piece)
      this.#advance(length)
      yield piece
    }
  }

  async *#fromNetwork(): AsyncGenerator<Buffer> {
    const { registry, path, descriptor } = this.#input
    const { digest, size } = descriptor
    const repository = registry.prefix + path
    const from = this.#at
    const turn = this.#turn
    const answer = await registry.request(
      {
        method: 'GET',
        to: `${repository}/blobs/${digest}`,
        ...(from > 0 && { headers: { range: `bytes=${from}-` } }),
        what: `the layer ${digest}`,
        repository,
        scope: pullScope(repository),
      },
      [200, 206],
    )
    // Whoever does not know Range sends all of it again.
    this.#body = answer.body
    let skip = answer.status === 206 ? 0 : from
    if (answer.status === 206 && !answer.headers['content-range']?.startsWith(`bytes ${from}-`))
      throw invalid(registry.host, `another part of the layer ${digest} than was asked for`)
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        if (turn !== this.#turn) return
        const piece = chunk.subarray(skip)
        skip -= chunk.length - piece.length
        if (piece.length === 0) continue
        if (this.#at + piece.length > size)
          throw invalid(registry.host, `more than the ${size} bytes of the layer ${digest}`)
        this.#keep(piece)
        yield piece
      }
    } finally {
      answer.body.destroy()
    }
  }

  #keep(piece: Buffer): void {
    try {
      for (let at = 0; at < piece.length; ) at += writeSync(this.#fd, piece, at)
    } catch (error) {
      throw diskFull(error)
    }
    this.#hash.update(piece)
    this.#advance(piece.length)
  }

  #advance(bytes: number): void {
    this.#at += bytes
    this.#input.onBytes(this.#at)
  }
}
