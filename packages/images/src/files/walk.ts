import { closeSync, constants, openSync, readSync, statfsSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { dataExtents, fdPath } from '@rt/native/fsat'
import type { TarEntry } from '../tar/entry.ts'
import type { TarSink } from '../tar/sink.ts'
import { UNLIMITED } from '../unpack/limits.ts'
import { entryOf, type Node } from './node.ts'

export interface WalkOptions {
  /** Instead of the files' own. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** The top directory itself is left out, its content is not. */
  readonly contentsOnly?: boolean
}

/** Pieces of work between which the caller may look at the clock. */
export type Work = Generator<undefined, void>

/** Does all of it at once. */
export const finish = (work: Work): void => {
  for (const _ of work);
}

/**
 * Hands a tree on as the entries of an archive, the top under the name `path`. What vanishes meanwhile is left out. Memory grows with the
 * names of one directory and with hard links, not with files.
 */
export class TreeReader {
  readonly #sink: TarSink
  readonly #options: WalkOptions
  readonly #buffer = Buffer.allocUnsafe(1 << 18)
  /** Device and inode of a file with several names, to the name under which it went out. */
  readonly #links = new Map<string, string>()
  #depth = 0

  constructor(sink: TarSink, options: WalkOptions = {}) {
    this.#sink = sink
    this.#options = options
  }

  *tree(node: Node, path: string): Work {
    if (this.#depth > 0 || this.#options.contentsOnly !== true) yield* this.node(node, path)
    if (!node.stat.isDirectory()) return
    if (++this.#depth > UNLIMITED.maxDepth)
      throw new RtError('RT_STEP_FAILED', `There are more than ${UNLIMITED.maxDepth} directories below each other.`, {
        remedy: 'Copy a part of the tree.',
      })
    for (const name of node.names()) {
      const child = node.open(name)
      if (child === undefined) continue
      try {
        // A file system that the kernel makes up is no part of anybody's files, and reading all of it would never end.
        const foreign = child.stat.dev !== node.stat.dev && child.stat.isDirectory() && isKernels(child.fd)
        const childPath = path === '' ? name : `${path}/${name}`
        if (foreign) yield* this.node(child, childPath)
        else yield* this.tree(child, childPath)
      } finally {
        child.close()
      }
    }
    this.#depth--
  }

  /** One file, without what is below it. */
  *node(node: Node, path: string): Work {
    const entry = entryOf(node, path === '' ? '.' : path)
    if (entry === undefined) return
    const owned = this.#options.owner === undefined ? entry : { ...entry, ...this.#options.owner }
    const first = this.#firstName(node, path)
    if (first !== undefined) this.#whole({ ...owned, type: 'link', linkpath: first, size: 0, xattrs: NO_ATTRIBUTES })
    else if (entry.type === 'file') yield* this.#file(node, owned)
    else this.#whole(owned)
    yield
  }

  /** An entry without content. */
  #whole(entry: TarEntry): void {
    this.#sink.entry(entry)
    this.#sink.close()
  }

  #firstName({ stat }: Node, path: string): string | undefined {
    if (stat.nlink === 1n || stat.isDirectory()) return undefined
    const key = `${stat.dev}:${stat.ino}`
    const first = this.#links.get(key)
    if (first === undefined) this.#links.set(key, path)
    return first
  }

  *#file(node: Node, entry: TarEntry): Work {
    // The node is known to be a regular file: opening a device or a FIFO by its name would act on it.
    const fd = openSync(fdPath(node.fd), constants.O_RDONLY)
    try {
      const hasHoles = Number(node.stat.blocks) * 512 < entry.size
      const extents = hasHoles ? dataExtents(fd).filter(({ offset }) => offset < entry.size) : undefined
      this.#sink.entry(extents === undefined ? entry : { ...entry, extents })
      for (const { offset, length } of extents ?? [{ offset: 0, length: entry.size }])
        yield* this.#extent(fd, offset, Math.min(offset + length, entry.size))
      this.#sink.close()
    } finally {
      closeSync(fd)
    }
  }

  *#extent(fd: number, from: number, to: number): Work {
    for (let at = from; at < to; ) {
      const wanted = Math.min(this.#buffer.length, to - at)
      let got = readSync(fd, this.#buffer, 0, wanted, at)
      // Cut short by its writer meanwhile: the size is promised already.
      if (got === 0) got = this.#buffer.fill(0, 0, wanted) && wanted
      this.#sink.data(this.#buffer.subarray(0, got), at)
      at += got
      yield
    }
  }
}

const NO_ATTRIBUTES: ReadonlyMap<string, Buffer> = new Map()

/** proc, sysfs, cgroup v1 and v2, devpts, mqueue, debugfs, tracefs, securityfs, bpf, fusectl, configfs. */
const KERNELS = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x19800202, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
  0x65735543, 0x62656570,
])

const isKernels = (fd: number): boolean => KERNELS.has(statfsSync(fdPath(fd)).type)
