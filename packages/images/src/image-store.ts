import type { Readable } from 'node:stream'
import { RtError, suggest } from '@rt/driver-api'
import type { ArchiveFormat, LoadOptions } from './archive/options.ts'
import type { ImageCommit } from './commit/options.ts'
import type { ImportOptions } from './import/options.ts'
import { folderImage, isFolderId } from './path/folder.ts'
import type { PathOptions } from './path/index.ts'
import { canonical, familiar } from './reference/format.ts'
import { type ImageReference, parseReference } from './reference/parse.ts'
import type { PullOptions, PushOptions } from './registry/options.ts'
import type { Pulled } from './registry/pull.ts'
import type { Pushed } from './registry/push.ts'
import type { ServedStore } from './serve/serve-store.ts'
import type { Image, ImageSummary, RemovedImage } from './store/image.ts'
import { keptList } from './store/kept-list.ts'
import { hexOf, Layout } from './store/layout.ts'
import type { PrunedImages, PruneOptions } from './store/prune.ts'
import { type LayerRecord, type ReferenceRecord, readIds, readImage, readJson, readReferences } from './store/read.ts'
import type { RemoveOptions } from './store/remove.ts'
import type { StoreUsage } from './store/usage.ts'

/** The images of one data directory. Looking one up reads two small files and takes no lock. */
export class ImageStore {
  readonly layout: Layout

  /** `root`: rt's data directory, `/var/lib/rt`; the store makes `images` below it when it first writes. */
  constructor(root: string) {
    this.layout = new Layout(root)
  }

  /** The image of that name, or of that id or beginning of an id. Errors: RT_IMAGE_REFERENCE. */
  find(text: string): Image | undefined {
    if (!FULL_ID.test(text)) {
      const reference = parseReference(text)
      const name = canonical(reference)
      const record = readJson<ReferenceRecord>(this.layout.reference(name)) ?? this.#byDigest(reference)
      if (record !== undefined) return readImage(this.layout, hexOf(record.id), record.reference)
    }
    if (!ID.test(text)) return undefined
    const [hex, other] = readIds(this.layout).filter((id) => id.startsWith(hexOf(text)))
    return hex === undefined || other !== undefined ? undefined : readImage(this.layout, hex, undefined)
  }

  /** What a container's record calls its image: one of the store, or a folder. undefined: it is gone. */
  ofContainer(id: string): Image | undefined {
    return isFolderId(id) ? folderImage(id) : this.find(id)
  }

  /** Errors: RT_IMAGE_REFERENCE; RT_IMAGE_UNKNOWN, with the nearest name where one is near. */
  require(text: string): Image {
    const image = this.find(text)
    if (image !== undefined) return image
    const known = readReferences(this.layout).map(({ reference }) => familiar(parseReference(reference)))
    const near = suggest(FULL_ID.test(text) ? text : familiar(parseReference(text)), known)
    throw new RtError(
      'RT_IMAGE_UNKNOWN',
      `No image "${text}" is in the store${near === undefined ? '.' : `; did you mean "${near}"?`}`,
    )
  }

  /** All images by name, then the nameless ones; an image with two names is there twice. */
  list(): ImageSummary[] {
    return keptList(this.layout, () => this.#list())
  }

  #list(): ImageSummary[] {
    const ids = readIds(this.layout)
    const facts = new Map(ids.map((hex) => [hex, this.#summary(hex)]))
    const nameless = new Set(ids)
    const named: ImageSummary[] = []
    for (const { reference, id, digest } of readReferences(this.layout)) {
      nameless.delete(hexOf(id))
      const summary = facts.get(hexOf(id)) ?? this.#summary(hexOf(id))
      if (summary !== undefined) named.push({ ...summary, reference, ...(digest !== undefined && { digest }) })
    }
    return [...named, ...[...nameless].map((hex) => facts.get(hex)).filter((summary) => summary !== undefined)]
  }

  /**
   * Takes a name away, and the image with it where that was its last; by id: with all its names, if they are of one repository. Layers that no
   * other image has go too.
   * `inUse` answers the name of a container that needs the image. Errors: RT_IMAGE_UNKNOWN, RT_IMAGE_IN_USE.
   */
  async remove(
    text: string,
    inUse: (imageId: string) => string | undefined,
    options: RemoveOptions = {},
  ): Promise<RemovedImage> {
    const { removeImage } = await import('./store/remove.ts')
    return removeImage(this.layout, () => this.require(text), inUse, options)
  }

  /**
   * Makes an image of one layer from a root file system tarball, plain or compressed, and gives it the name `reference`; an image that had
   * the name stays without one. Errors: RT_IMAGE_REFERENCE, RT_ARCHIVE_CORRUPT, RT_ARCHIVE_HOSTILE, RT_DISK_FULL, RT_USAGE
   * (a change), and what the source itself throws; nothing is left behind then.
   */
  async importArchive(reference: string, source: Readable, options: ImportOptions = {}): Promise<Image> {
    const name = canonical(parseReference(reference))
    const { importArchive } = await import('./import/import-archive.ts')
    return importArchive(this.layout, name, source, options)
  }

  /**
   * Makes an image of another one and a layer above it. Errors: RT_IMAGE_REFERENCE, RT_IMAGE_UNKNOWN (the other one is gone), RT_DISK_FULL,
   * and what `write` throws; nothing is left behind then.
   */
  async commit(commit: ImageCommit): Promise<Image> {
    const name = commit.reference === undefined ? undefined : canonical(parseReference(commit.reference))
    const { commitLayer } = await import('./commit/commit-layer.ts')
    return commitLayer(this.layout, name, commit)
  }

  /**
   * Brings an image in from its registry, or makes sure that its name still means the same there. Errors: RT_IMAGE_REFERENCE, RT_IMAGE_UNKNOWN,
   * RT_IMAGE_PLATFORM, RT_IMAGE_INVALID, RT_REGISTRY_*, RT_ARCHIVE_*, RT_DISK_FULL; nothing but whole layers and the beginnings of cut
   * ones is kept then, for the next attempt.
   */
  async pull(reference: string, options: PullOptions = {}): Promise<Pulled> {
    const { pullImage } = await import('./registry/index.ts')
    return pullImage(this.layout, reference, options)
  }

  /**
   * Gives an image to the registry that its name says. Layers that are there are not sent again. Errors: RT_IMAGE_UNKNOWN, RT_IMAGE_REFERENCE,
   * RT_REGISTRY_*.
   */
  async push(reference: string, options: PushOptions = {}): Promise<Pushed> {
    const image = this.require(reference)
    const { pushImage } = await import('./registry/index.ts')
    return pushImage(this.layout, reference, image, options)
  }

  /** Gives an image another name; whatever had that name loses it. Errors: RT_IMAGE_UNKNOWN, RT_IMAGE_REFERENCE. */
  async tag(source: string, target: string): Promise<void> {
    const { tagImage } = await import('./store/tag.ts')
    tagImage(this.layout, () => this.require(source), target)
  }

  /**
   * Writes images, by name or id, as one archive. `write` takes all of what it is given before it returns. Errors: RT_IMAGE_UNKNOWN,
   * RT_IMAGE_INVALID.
   */
  async save(names: readonly string[], format: ArchiveFormat, write: (bytes: Buffer) => void): Promise<void> {
    const images = names.map((name) => this.require(name))
    const { saveImages } = await import('./archive/index.ts')
    saveImages(this.layout, images, format, write)
  }

  /**
   * Brings in the images of an archive, of Docker's form or an OCI layout, plain or compressed; each once for every name that it has there.
   * Errors: RT_ARCHIVE_*, RT_IMAGE_*, RT_DISK_FULL; nothing is kept of the image that is at fault.
   */
  async load(source: Readable, options: LoadOptions = {}): Promise<Image[]> {
    const { loadImages } = await import('./archive/index.ts')
    return loadImages(this.layout, source, options)
  }

  /**
   * The image at a path: an archive or an OCI layout, which is loaded into the store where it has changed since the last time, or a folder
   * with a root file system, which stays where it is. Errors: RT_IMAGE_PATH, and those of `load`.
   */
  async fromPath(path: string, options: PathOptions = {}): Promise<Image> {
    const { pathImage } = await import('./path/index.ts')
    return pathImage(this.layout, (id) => this.find(id), path, options)
  }

  /**
   * Brings in the image that `fill` leaves in a directory as an OCI layout, under each of `names`. Errors: those of `load` and of `fill`; nothing
   * is kept then.
   */
  async adopt(
    names: readonly string[],
    fill: (directory: string) => Promise<void>,
    options: LoadOptions = {},
  ): Promise<Image> {
    const references = names.map((name) => canonical(parseReference(name)))
    const { adoptLayout } = await import('./archive/index.ts')
    return adoptLayout(this.layout, references, fill, options)
  }

  /** Shows this store's images to programs of this machine, as a registry that nobody can write to. */
  async serve(): Promise<ServedStore> {
    const { serveStore } = await import('./serve/serve-store.ts')
    return serveStore(this.layout)
  }

  /**
   * Removes the images that have no name, with `all` all those that no container is made of, and whatever crashes and cut fetches left.
   * `isUsed` says whether a container is made of an image.
   */
  async prune(isUsed: (imageId: string) => boolean, options: PruneOptions): Promise<PrunedImages> {
    const { pruneImages } = await import('./store/prune.ts')
    return pruneImages(this.layout, isUsed, options)
  }

  async usage(isUsed: (imageId: string) => boolean): Promise<StoreUsage> {
    const { storeUsage } = await import('./store/usage.ts')
    return storeUsage(this.layout, isUsed)
  }

  /** What every name means, with the digest of its manifest where the store has that. */
  references(): ReferenceRecord[] {
    return readReferences(this.layout)
  }

  /** Bytes of the layers' trees, bottommost first. */
  layerSizes({ config }: Image): number[] {
    return config.rootfs.diff_ids.map(
      (diffId) => readJson<LayerRecord>(this.layout.layerFacts(hexOf(diffId)))?.size ?? 0,
    )
  }

  /** `name@sha256:…` also where it was pulled by a tag, since the registry said what that means. */
  #byDigest({ domain, path, tag, digest }: ImageReference): ReferenceRecord | undefined {
    if (digest === undefined) return undefined
    return readReferences(this.layout).find((record) => {
      if (record.digest !== digest) return false
      const other = parseReference(record.reference)
      return other.domain === domain && other.path === path && (tag === undefined || tag === other.tag)
    })
  }

  #summary(hex: string): ImageSummary | undefined {
    const image = readImage(this.layout, hex, undefined)
    if (image === undefined) return undefined
    const size = this.layerSizes(image).reduce((sum, bytes) => sum + bytes, 0)
    return { id: image.id, reference: undefined, created: image.config.created, size }
  }
}

const FULL_ID = /^(?:sha256:[0-9a-f]{4,64}|[0-9a-f]{64})$/
const ID = /^(?:sha256:)?[0-9a-f]{4,64}$/
