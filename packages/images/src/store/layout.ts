import { join } from 'node:path'

/**
 * Where things lie below `<root>/images`, a directory of mode 0700:
 *
 *     references/<name>.json    which image a name means; one file each, so that renaming a file over it changes it atomically
 *     configs/<id>.json         an image: the exact bytes whose sha256 is its id. It exists if and only if this file does
 *     layers/<diffID>/          a layer's unpacked tree
 *     layers/<diffID>.json      its size, and the blob that it was unpacked from
 *     blobs/sha256/<digest>     manifests, configs and layers as registries have them: with `index.json` and `oci-layout` an OCI image layout
 *     list.json                 what `rt images` shows, as long as nothing has changed since; rt can do without it
 *     index.json                the names and manifests of `references`, for other programs; rt never reads it
 *     sources/<hash>.json       an archive or OCI layout that an image was loaded from by its path, so that it is not loaded again
 *     fetch/<diffID>.<digest>   what is there of a layer that is fetched; `<diffID>.lock` is locked by whoever fetches it
 *     tmp/<random>/             work in progress; `<random>.lock` is locked by whoever works there
 *     lock                      held for the short moments in which the above change together
 */
export class Layout {
  readonly base: string
  readonly references: string
  readonly configs: string
  readonly layers: string
  readonly blobs: string
  readonly index: string
  readonly marker: string
  readonly list: string
  readonly sources: string
  readonly fetch: string
  readonly tmp: string
  readonly lock: string

  /** `root`: rt's data directory, `/var/lib/rt`. */
  constructor(root: string) {
    this.base = join(root, 'images')
    this.references = join(this.base, 'references')
    this.configs = join(this.base, 'configs')
    this.layers = join(this.base, 'layers')
    this.blobs = join(this.base, 'blobs/sha256')
    this.index = join(this.base, 'index.json')
    this.list = join(this.base, 'list.json')
    this.marker = join(this.base, 'oci-layout')
    this.sources = join(this.base, 'sources')
    this.fetch = join(this.base, 'fetch')
    this.tmp = join(this.base, 'tmp')
    this.lock = join(this.base, 'lock')
  }

  /** `hex`: the id without `sha256:`. */
  config(hex: string): string {
    return join(this.configs, `${hex}.json`)
  }

  layer(hex: string): string {
    return join(this.layers, hex)
  }

  layerFacts(hex: string): string {
    return join(this.layers, `${hex}.json`)
  }

  blob(hex: string): string {
    return join(this.blobs, hex)
  }

  /** `name`: in canonical form. */
  reference(name: string): string {
    return join(this.references, fileName(name))
  }
  /** What is remembered of an archive; `text` says which and what was asked of it. */
  source(text: string): string {
    return join(this.sources, fileName(text))
  }
}

/** What a file's name may have, in bytes. */
const MAX_NAME = 255

/** Slashes are escaped; a name of an image is at most 255 characters, a tag 128, so it is split where a file name may end. */
const fileName = (text: string): string => {
  const file = `${text.replaceAll('%', '%25').replaceAll('/', '%2f').replaceAll('\0', '%00')}.json`
  return Buffer.byteLength(file) <= MAX_NAME ? file : longName(file)
}

/** Names are only compared, so a long one may be cut; the digits of its hash keep it apart from its like. */
const longName = (file: string): string => {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `${file.slice(0, 180)}~${createHash('sha256').update(file).digest('hex')}.json`
}

const PREFIX = 'sha256:'

export const hexOf = (digest: string): string => (digest.startsWith(PREFIX) ? digest.slice(PREFIX.length) : digest)
export const digestOf = (hex: string): string => PREFIX + hex
