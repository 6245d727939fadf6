import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { familiar } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { sha256 } from '../registry/documents.ts'
import { layerBlobs } from '../store/adopt.ts'
import type { Image } from '../store/image.ts'
import { CONTAINERD_NAME, REF_NAME } from '../store/index-file.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import { type Descriptor, type Manifest, MEDIA, makeManifest } from '../store/manifest.ts'
import { readManifest, readReferences } from '../store/read.ts'
import { locked, makeWorkspace } from '../store/write.ts'
import { TarEncoder } from '../tar/encoder.ts'
import { EMPTY_FILE } from '../tar/entry.ts'
import type { ArchiveFormat } from './options.ts'

const CHUNK = 1 << 20

interface Saved {
  readonly image: Image
  /** In canonical form; none where the image was asked for by its id. */
  readonly names: string[]
  readonly manifest: Manifest
  readonly bytes: Buffer
}

/** See ImageStore.save. */
export const saveImages = (
  layout: Layout,
  images: readonly Image[],
  format: ArchiveFormat,
  write: (bytes: Buffer) => void,
): void => {
  const workspace = locked(layout, () => {
    const space = makeWorkspace(layout)
    for (const { config } of images) for (const diffId of config.rootfs.diff_ids) space.pin(hexOf(diffId))
    return space
  })
  try {
    writeArchive(layout, gather(layout, images), format, write)
  } finally {
    workspace.dispose()
  }
}

/** One for each image, however many of its names were given. */
const gather = (layout: Layout, images: readonly Image[]): Saved[] => {
  const saved = new Map<string, Saved>()
  for (const image of images) {
    const known = saved.get(image.id)
    const one = known ?? { image, names: [], ...manifestOf(layout, image) }
    if (image.reference !== undefined) one.names.push(image.reference)
    saved.set(image.id, one)
  }
  return [...saved.values()]
}

/** The one that it came with where all of it is here, or one of what is here. */
const manifestOf = (layout: Layout, { id, config, reference }: Image): { manifest: Manifest; bytes: Buffer } => {
  for (const record of readReferences(layout)) {
    if (record.id !== id || record.manifest === undefined) continue
    const found = readManifest(layout, record.manifest)
    if (found.manifest.layers.every(({ digest }) => existsSync(layout.blob(hexOf(digest))))) return found
  }
  const blobs = layerBlobs(layout, config.rootfs.diff_ids)
  if (blobs === undefined)
    throw new RtError('RT_IMAGE_INVALID', `The archives of the image ${reference ?? id} are not all here.`, {
      remedy: 'Bring it in again, with `rt pull` or `rt import`.',
    })
  const { length: size } = readFileSync(layout.config(hexOf(id)))
  const manifest = makeManifest({ digest: id, size }, blobs)
  return { manifest, bytes: Buffer.from(JSON.stringify(manifest)) }
}

const writeArchive = (
  layout: Layout,
  saved: readonly Saved[],
  format: ArchiveFormat,
  write: (bytes: Buffer) => void,
): void => {
  const tar = new TarEncoder(write)
  const put = (path: string, content: Buffer): void => {
    tar.entry({ ...FILE, path, size: content.length })
    tar.data(content, 0)
    tar.close()
  }
  // What says what there is comes first: whoever reads it as it streams in knows at once.
  put('oci-layout', Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' })))
  put('index.json', Buffer.from(JSON.stringify(indexOf(saved))))
  if (format === 'docker-archive') put('manifest.json', Buffer.from(JSON.stringify(saved.map(dockerEntry))))
  for (const path of ['blobs/', 'blobs/sha256/']) {
    tar.entry({ ...FILE, type: 'dir', mode: 0o755, path })
    tar.close()
  }
  const manifests = new Map(saved.map(({ bytes }) => [sha256(bytes), bytes]))
  for (const [digest, bytes] of manifests) put(blobPath(digest), bytes)
  const blobs = new Map(
    saved.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]).map((blob) => [blob.digest, blob]),
  )
  for (const blob of blobs.values()) copyBlob(layout, tar, blob)
  tar.finish()
}

const copyBlob = (layout: Layout, tar: TarEncoder, { digest, size }: Descriptor): void => {
  const fd = openSync(layout.blob(hexOf(digest)), 'r')
  try {
    tar.entry({ ...FILE, path: blobPath(digest), size })
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size))
    for (let at = 0; at < size; ) {
      const length = readSync(fd, buffer, 0, buffer.length, at)
      if (length === 0) throw new RtError('RT_INTERNAL', `The image store is damaged: the blob ${digest} is cut off.`)
      tar.data(buffer.subarray(0, length), at)
      at += length
    }
    tar.close()
  } finally {
    closeSync(fd)
  }
}

const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`

const indexOf = (saved: readonly Saved[]): object => ({
  schemaVersion: 2,
  mediaType: MEDIA.index,
  manifests: saved.flatMap(({ manifest, bytes, names, image }) => {
    const descriptor = {
      mediaType: manifest.mediaType ?? MEDIA.manifest,
      digest: sha256(bytes),
      size: bytes.length,
      platform: { architecture: image.config.architecture, os: image.config.os },
    }
    const named = names.map((name) => ({ ...descriptor, annotations: { [REF_NAME]: name, [CONTAINERD_NAME]: name } }))
    return named.length === 0 ? [descriptor] : named
  }),
})

const dockerEntry = ({ manifest, names }: Saved): object => ({
  Config: blobPath(manifest.config.digest),
  RepoTags: names.map((name) => shortName(name)).filter((name) => name !== undefined),
  Layers: manifest.layers.map(({ digest }) => blobPath(digest)),
})

const FILE = { ...EMPTY_FILE, mode: 0o644 }

/** Docker's form knows no digests. */
const shortName = (name: string): string | undefined => {
  const { digest: _, ...reference } = parseReference(name)
  if (reference.tag === undefined) return undefined
  return familiar(reference)
}
