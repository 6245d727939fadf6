import { ContentCursor } from './content.ts'
import type { SparseExtent } from './entry.ts'
import { corrupt } from './errors.ts'
import { BLOCK, type Header, isZeroBlock, readHeader, readNumber } from './header.ts'
import { makeEntry, needsDataMap, storedSize } from './member.ts'
import { type PaxRecords, readPax } from './pax.ts'
import type { TarSink } from './sink.ts'
import { checkExtents, DataMapReader, headerExtents } from './sparse.ts'

/** Extended headers and long names are held in memory, so they are bounded. The kernel's own limit for all xattrs of a file is 64 KiB. */
const MAX_EXTENDED = 1 << 20
const MAX_EXTENTS = 1 << 16

type State = 'header' | 'extended' | 'sparse-header' | 'sparse-map' | 'content' | 'end'

/**
 * Takes a tar archive in pieces of any size: v7, ustar, pax and GNU with long names, binary xattrs and sparse files. Synchronous, and its
 * memory does not depend on the archive. Errors: RT_ARCHIVE_CORRUPT, and whatever the sink throws.
 */
export class TarReader {
  readonly #sink: TarSink
  #state: State = 'header'
  /** Bytes of the uncompressed archive before the current piece. */
  #offset = 0
  /** A block that a piece boundary cut in two. */
  readonly #partial = Buffer.allocUnsafe(BLOCK)
  #partialLength = 0
  #header: Header | undefined
  #collected: Buffer[] = []
  /** Bytes still to come: of an extended header or of content, and then of the padding up to the next block. */
  #remaining = 0
  #padding = 0
  readonly #global: PaxRecords = new Map()
  #pax: PaxRecords | undefined
  #longPath: string | undefined
  #longLink: string | undefined
  #extents: SparseExtent[] = []
  #sparseSize = 0
  #map = new DataMapReader()
  /** undefined: the entry is not for the sink. */
  #content: ContentCursor | undefined

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** The end mark has been read; what follows is padding. */
  get ended(): boolean {
    return this.#state === 'end'
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#state === 'end') break
      if (this.#remaining > 0 && (this.#state === 'extended' || this.#state === 'content')) {
        const piece = chunk.subarray(at, at + this.#remaining)
        at += piece.length
        this.#remaining -= piece.length
        if (this.#state === 'content') this.#content?.take(piece)
        else this.#collected.push(Buffer.from(piece))
        if (this.#remaining === 0) this.#finish()
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, chunk.length - at)
        at += skipped
        this.#padding -= skipped
      } else if (this.#partialLength === 0 && chunk.length - at >= BLOCK) {
        this.#block(chunk.subarray(at, at + BLOCK), this.#offset + at)
        at += BLOCK
      } else {
        const taken = chunk.copy(this.#partial, this.#partialLength, at, at + BLOCK - this.#partialLength)
        at += taken
        this.#partialLength += taken
        if (this.#partialLength === BLOCK) {
          this.#partialLength = 0
          this.#block(this.#partial, this.#offset + at - BLOCK)
        }
      }
    }
    this.#offset += chunk.length
  }

  /** The archive has ended. Without the zero block that closes every archive it was cut off, be it between two entries. */
  end(): void {
    if (this.#state === 'end') return
    if (this.#offset === 0) throw corrupt('The archive is empty: not one byte came.')
    if (this.#offset < BLOCK) throw corrupt('The file is not a tar archive: it is shorter than one tar header.')
    throw corrupt(`The archive is cut off: it ends after ${this.#offset} bytes without its end mark.`)
  }

  #block(block: Buffer, offset: number): void {
    if (this.#state === 'sparse-header') this.#sparseHeader(block, offset)
    else if (this.#state === 'sparse-map') this.#sparseMap(block, offset)
    else this.#firstBlock(block, offset)
  }

  #firstBlock(block: Buffer, offset: number): void {
    if (isZeroBlock(block)) {
      if (this.#pax !== undefined || this.#longPath !== undefined)
        throw corrupt('The archive is damaged: its last entry is missing.')
      this.#state = 'end'
      return
    }
    const header = readHeader(block, offset)
    this.#header = header
    if ('xgLK'.includes(header.typeflag)) {
      if (!(header.size >= 0 && header.size <= MAX_EXTENDED)) {
        throw corrupt(`The archive is damaged: the extended header at byte ${offset} claims ${header.size} bytes.`)
      }
      this.#collected = []
      this.#expect('extended', header.size)
      if (header.size === 0) this.#finish()
    } else if (header.typeflag === 'S') {
      this.#extents = headerExtents(block, 386, 4, offset)
      this.#sparseSize = readNumber(block, 483, 12, offset)
      if (block[482] === 0) this.#start(offset, this.#extents)
      else this.#state = 'sparse-header'
    } else if (needsDataMap(this.#records())) {
      this.#map = new DataMapReader()
      this.#state = 'sparse-map'
    } else this.#start(offset, undefined)
  }

  #sparseHeader(block: Buffer, offset: number): void {
    this.#extents.push(...headerExtents(block, 0, 21, offset))
    if (this.#extents.length > MAX_EXTENTS) throw corrupt(`The sparse file before byte ${offset} has too many pieces.`)
    if (block[504] === 0) this.#start(offset, this.#extents)
  }

  #sparseMap(block: Buffer, offset: number): void {
    const extents = this.#map.add(block, offset)
    if (extents !== undefined) this.#start(offset, extents, this.#map.taken)
  }

  #records(): PaxRecords {
    return this.#pax ?? this.#global
  }

  #start(offset: number, extents: readonly SparseExtent[] | undefined, mapSize = 0): void {
    const header = this.#header as Header
    const entry = makeEntry({
      header,
      pax: this.#records(),
      longPath: this.#longPath,
      longLink: this.#longLink,
      sparse: extents === undefined ? undefined : { extents, size: this.#sparseSize },
      offset,
    })
    const stored = storedSize(header, this.#records(), offset) - mapSize
    this.#pax = undefined
    this.#longPath = this.#longLink = undefined
    if (stored < 0)
      throw corrupt(`The archive is damaged: the sparse file before byte ${offset} is shorter than its map.`)
    const present = entry?.type === 'file' || entry === undefined ? stored : 0
    if (entry?.extents !== undefined) checkExtents(entry.extents, entry.size, stored, offset)
    this.#content = entry && new ContentCursor(this.#sink, entry.extents ?? [{ offset: 0, length: present }])
    this.#expect('content', present)
    if (entry !== undefined) this.#sink.entry(entry)
    if (present === 0) this.#finish()
  }

  #expect(state: State, size: number): void {
    this.#state = state
    this.#remaining = size
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK
  }

  #finish(): void {
    if (this.#state === 'content') {
      if (this.#content !== undefined) this.#sink.close()
    } else this.#extendedHeader(Buffer.concat(this.#collected))
    this.#state = 'header'
  }

  #extendedHeader(data: Buffer): void {
    const nul = data.indexOf(0)
    const text = (): string => data.toString('latin1', 0, nul === -1 ? data.length : nul)
    switch (this.#header?.typeflag) {
      case 'L':
        this.#longPath = text()
        break
      case 'K':
        this.#longLink = text()
        break
      case 'g':
        readPax(data, this.#global, this.#offset)
        break
      default:
        this.#pax = new Map(this.#global)
        readPax(data, this.#pax, this.#offset)
    }
  }
}
