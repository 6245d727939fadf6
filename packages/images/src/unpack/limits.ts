import { statfsSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { CLUSTER } from '../cluster.ts'
import type { TarEntry } from '../tar/entry.ts'
import { hostile } from '../tar/errors.ts'

/** Bounds of one archive; all are optional. */
export interface UnpackLimits {
  /** Bytes that the unpacked tree may take; default: what the file system has free less `reserveBytes`. */
  readonly maxBytes?: number
  /** Bytes to leave free for others; default: 5 % of the file system, at most 1 GiB. */
  readonly reserveBytes?: number
  /** Members of the archive; default 4 million (a large Debian desktop has half a million). Also bounds a flood of device nodes. */
  readonly maxEntries?: number
  /** Directories below each other; default 256. */
  readonly maxDepth?: number
}

const DEFAULT_ENTRIES = 4_000_000
const DEFAULT_DEPTH = 256
const GIBIBYTE = 2 ** 30
/** What is asked before an entry is made. */
export interface Allowance {
  readonly maxDepth: number
  /** @throws RtError for an entry that is one too many */
  charge(entry: TarEntry): void
}

/** For what the user's own files fill: the disk is the limit. */
export const UNLIMITED: Allowance = { maxDepth: 2000, charge: () => {} }

/** Counts what an archive asks for before any of it is written. */
export class Budget implements Allowance {
  readonly maxDepth: number
  readonly #limits: UnpackLimits
  readonly #maxEntries: number
  readonly #freeBytes: number
  readonly #freeInodes: number
  entries = 0
  bytes = 0

  /** `directory`: on the file system that the tree is written to. */
  constructor(directory: string, limits: UnpackLimits = {}) {
    const { bavail, blocks, bsize, ffree, files } = statfsSync(directory)
    const reserve = limits.reserveBytes ?? Math.min(GIBIBYTE, (blocks * bsize) / 20)
    this.#limits = limits
    // ramfs (an initramfs root) reports no blocks at all; btrfs and others make inodes as they need them and report none.
    this.#freeBytes = blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize - reserve
    this.#freeInodes = files === 0 ? Number.POSITIVE_INFINITY : ffree
    this.#maxEntries = limits.maxEntries ?? DEFAULT_ENTRIES
    this.maxDepth = limits.maxDepth ?? DEFAULT_DEPTH
  }

  /** Errors: RT_ARCHIVE_HOSTILE beyond a limit, RT_DISK_FULL where the file system has less than is asked. */
  charge(entry: TarEntry): void {
    this.entries++
    this.bytes += cost(entry)
    if (this.entries > this.#maxEntries)
      throw hostile(entry.path, `the archive has more than ${this.#maxEntries} entries`)
    if (this.#limits.maxBytes !== undefined && this.bytes > this.#limits.maxBytes) {
      throw hostile(entry.path, `the archive unpacks to more than ${this.#limits.maxBytes} bytes`)
    }
    if (this.bytes > this.#freeBytes) {
      throw new RtError(
        'RT_DISK_FULL',
        `The archive needs more than ${mebibytes(this.bytes)} MiB, and the image store may use ${mebibytes(Math.max(0, this.#freeBytes))} MiB.`,
      )
    }
    if (this.entries > this.#freeInodes)
      throw new RtError('RT_DISK_FULL', 'The image store has no inodes left for the archive.')
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)

const cost = ({ type, size, extents }: TarEntry): number => {
  if (type === 'dir') return CLUSTER
  const stored = extents === undefined ? size : extents.reduce((sum, { length }) => sum + length, 0)
  return Math.ceil(stored / CLUSTER) * CLUSTER
}
