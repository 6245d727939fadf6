import type { SparseExtent } from './entry.ts'
import type { TarSink } from './sink.ts'

/** Hands an entry's content on, each piece with its place in the file: the archive carries the extents of a sparse file end to end. */
export class ContentCursor {
  readonly #sink: TarSink
  readonly #extents: readonly SparseExtent[]
  #index = 0
  /** Bytes of the current extent that are done. */
  #done = 0

  /** `extents`: together as long as the content. */
  constructor(sink: TarSink, extents: readonly SparseExtent[]) {
    this.#sink = sink
    this.#extents = extents
  }

  take(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const extent = this.#extents[this.#index]
      if (extent === undefined) throw new RangeError('more content than extents')
      const part = piece.subarray(at, at + extent.length - this.#done)
      if (part.length > 0) this.#sink.data(part, extent.offset + this.#done)
      at += part.length
      this.#done += part.length
      if (this.#done < extent.length) continue
      this.#index++
      this.#done = 0
    }
  }
}
