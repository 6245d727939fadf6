import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { diskFull } from '../store/disk-full.ts'
import type { Descriptor } from '../store/manifest.ts'
import type { Registry } from './client.ts'
import { invalid } from './errors.ts'
import type { Answer } from './http.ts'
import { pullScope } from './resolve.ts'
import { Patience } from './retry.ts'

export interface DownloadInput {
  readonly registry: Registry
  /** Below the registry's prefix. */
  readonly path: string
  readonly descriptor: Descriptor
  /** The file that it grows in; it may have a beginning from last time. */
  readonly file: string
  readonly signal: AbortSignal
}

/**
 * One blob on its way from a registry into a file. After a cut connection it goes on where it was (HTTP Range), also where the one that began
 * it was another process. Whether the bytes are the right ones is for whoever reads the file to find out.
 */
export class Download {
  /** Bytes that were there when it began. */
  readonly resumed: number
  readonly #input: DownloadInput
  readonly #fd: number
  /** Bytes that are in the file. */
  #at: number

  /** Errors: RT_DISK_FULL. */
  constructor(input: DownloadInput) {
    this.#input = input
    try {
      this.#fd = openSync(input.file, 'a', 0o600)
    } catch (error) {
      throw diskFull(error)
    }
    const { size } = fstatSync(this.#fd)
    this.resumed = this.#at = size <= input.descriptor.size ? size : 0
    if (this.resumed !== size) ftruncateSync(this.#fd, 0)
  }

  /**
   * Returns when all bytes are there; `onBytes` is told how many there are so far. Errors: RT_REGISTRY_*, RT_DISK_FULL, and the reason of
   * the signal.
   */
  async run(onBytes: (bytes: number) => void): Promise<void> {
    const { registry, descriptor, signal } = this.#input
    const patience = new Patience()
    while (this.#at < descriptor.size) {
      const from = this.#at
      try {
        await this.#go(onBytes)
        if (this.#at < descriptor.size) throw Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' })
      } catch (error) {
        if (this.#at > from) patience.renew()
        try {
          await patience.after(error, signal)
        } catch (final) {
          throw signal.aborted ? signal.reason : registry.lost(final)
        }
      }
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  async #go(onBytes: (bytes: number) => void): Promise<void> {
    const { registry, descriptor } = this.#input
    const { digest, size } = descriptor
    const { body, skip } = await this.#open()
    let skipped = 0
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const piece = chunk.subarray(skip - skipped)
        skipped += chunk.length - piece.length
        if (piece.length === 0) continue
        if (this.#at + piece.length > size)
          throw invalid(registry.host, `more than the ${size} bytes of the layer ${digest}`)
        this.#keep(piece)
        onBytes(this.#at)
      }
    } finally {
      body.destroy()
    }
  }

  /** Asks for the rest. `skip`: bytes of the answer that are there already, because whoever does not know Range sends all of it again. */
  async #open(): Promise<{ readonly body: Answer['body']; readonly skip: number }> {
    const { registry, path, descriptor, signal } = this.#input
    const { digest } = descriptor
    const repository = registry.prefix + path
    const from = this.#at
    const { status, headers, body } = await registry.request(
      {
        method: 'GET',
        to: `${repository}/blobs/${digest}`,
        ...(from > 0 && { headers: { range: `bytes=${from}-` } }),
        what: `the layer ${digest}`,
        repository,
        scope: pullScope(repository),
        signal,
      },
      [200, 206],
    )
    if (status === 206 && !headers['content-range']?.startsWith(`bytes ${from}-`)) {
      body.destroy()
      throw invalid(registry.host, `another part of the layer ${digest} than was asked for`)
    }
    return { body, skip: status === 206 ? 0 : from }
  }

  #keep(piece: Buffer): void {
    try {
      for (let at = 0; at < piece.length; ) at += writeSync(this.#fd, piece, at)
    } catch (error) {
      throw diskFull(error)
    }
    this.#at += piece.length
  }
}
