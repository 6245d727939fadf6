import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'
import type { ImageConfig } from '../config/image-config.ts'
import type { Image } from './image.ts'
import { digestOf, hexOf, type Layout } from './layout.ts'
import type { Descriptor, Manifest } from './manifest.ts'

/** Content of a reference file. */
export interface ReferenceRecord {
  readonly reference: string
  readonly id: string
  /** Of the manifest that describes the image, `sha256:…`; undefined: the layers' blobs are not all here. */
  readonly manifest?: string
  /** What a registry has under this name, where one gave or took it: the manifest, or the index that it was chosen from. */
  readonly digest?: string
}

export interface LayerRecord {
  /** Bytes that the tree takes. */
  readonly size: number
  readonly entries: number
  /** The archive that the tree was unpacked from, in `blobs`. */
  readonly blob?: Descriptor
}

/** undefined: no such file. Errors: RT_INTERNAL where it is not JSON. */
export const readJson = <T>(path: string): T | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new RtError('RT_INTERNAL', `The image store is damaged: ${path} cannot be read.`, {
      cause: error,
      remedy: 'Remove that file and import the image again.',
    })
  }
}

/** Names of the files and directories of `directory`, sorted; none where it does not exist yet. */
export const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export const readReferences = (layout: Layout): ReferenceRecord[] =>
  namesIn(layout.references)
    .map((file) => readJson<ReferenceRecord>(join(layout.references, file)))
    // Removed between the listing and the reading.
    .filter((record) => record !== undefined)

/** A manifest that a name has. */
export const readManifest = (
  layout: Layout,
  digest: string,
): { readonly manifest: Manifest; readonly bytes: Buffer } => {
  const bytes = readFileSync(layout.blob(hexOf(digest)))
  return { manifest: JSON.parse(bytes.toString('utf8')) as Manifest, bytes }
}

/** Hexadecimal ids of all images, named or not. */
export const readIds = (layout: Layout): string[] =>
  namesIn(layout.configs)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))

/** The image with that hexadecimal id; undefined: it is not in the store. */
export const readImage = (layout: Layout, hex: string, reference: string | undefined): Image | undefined => {
  const config = readJson<ImageConfig>(layout.config(hex))
  if (config === undefined) return undefined
  const [top, ...below] = config.rootfs.diff_ids.map((diffId) => layout.layer(hexOf(diffId))).reverse()
  if (top === undefined) throw new RtError('RT_INTERNAL', `The image ${digestOf(hex)} has no layers.`)
  return { id: digestOf(hex), reference, config, layers: [top, ...below] }
}
