import type { ImageConfig } from '../config/image-config.ts'

/** An image of the store, ready to run. */
export interface Image {
  /** `sha256:` and the hash of the config's bytes, as in Docker. */
  readonly id: string
  /** The name in canonical form, `docker.io/library/busybox:latest`; undefined: found by id and nameless. */
  readonly reference: string | undefined
  readonly config: ImageConfig
  /** Absolute directories of the unpacked layers, topmost first. */
  readonly layers: readonly [string, ...string[]]
}

/** One line of `rt images`. */
export interface ImageSummary {
  readonly id: string
  /** undefined: an image whose name was given to another one since. */
  readonly reference: string | undefined
  /** What the name means at its registry, where it was pulled from there or pushed to it. */
  readonly digest?: string
  /** RFC 3339; undefined: the image does not say. */
  readonly created: string | undefined
  /** Bytes of all its layers; those that are shared count for each image. */
  readonly size: number
}

export interface RemovedImage {
  /** Names in canonical form. */
  readonly untagged: readonly string[]
  /** Ids of images and diffIDs of layers, `sha256:…`. */
  readonly deleted: readonly string[]
}
