import type { TarEntry } from '../tar/entry.ts'
import { hostile } from '../tar/errors.ts'
import type { TarSink } from '../tar/sink.ts'
import type { TreeWriter } from './tree-writer.ts'

/** How a layer's archive says that a name of the layers below is gone, and that nothing of a directory is left (OCI image specification, layer.md). */
export const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'

/** Makes of the archive's whiteouts those of overlayfs, so that a layer lies in the store as it is mounted. */
export class WhiteoutSink implements TarSink {
  readonly #writer: TreeWriter

  constructor(writer: TreeWriter) {
    this.#writer = writer
  }

  entry(entry: TarEntry): void {
    const path = entry.path.replace(/\/+$/, '')
    const slash = path.lastIndexOf('/') + 1
    const [directory, name] = [path.slice(0, slash), path.slice(slash)]
    if (!name.startsWith(WHITEOUT)) this.#writer.entry(entry)
    else if (name === OPAQUE) this.#writer.makeOpaque(directory)
    else if (entry.type !== 'file' || entry.size > 0 || BAD_NAMES.has(name.slice(WHITEOUT.length)))
      throw hostile(entry.path, 'it is a whiteout that says nothing')
    else this.#writer.entry({ ...entry, ...DEVICE_0_0, path: directory + name.slice(WHITEOUT.length) })
  }

  data(bytes: Buffer, position: number): void {
    this.#writer.data(bytes, position)
  }

  close(): void {
    this.#writer.close()
  }
}

const DEVICE_0_0 = { type: 'char', major: 0, minor: 0, mode: 0 } as const
const BAD_NAMES = new Set(['', '.', '..'])
