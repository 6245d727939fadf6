/** Media types and documents of the OCI image specification 1.1 and of Docker's schema 2, which differ in their media types only. */
export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const

export interface Descriptor {
  readonly mediaType: string
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

/** The manifest of one image for one platform. */
export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly config: Descriptor
  /** Bottommost first. */
  readonly layers: readonly Descriptor[]
}

/** One image for several platforms. */
export interface ManifestIndex {
  readonly manifests: readonly (Descriptor & { readonly platform?: Platform })[]
}

/** How a layer's archive is packed: `''`, `+gzip`, `+zstd`. */
export type Packing = '' | '+gzip' | '+zstd'

export const makeManifest = (config: Omit<Descriptor, 'mediaType'>, layers: readonly Descriptor[]): Manifest => ({
  schemaVersion: 2,
  mediaType: MEDIA.manifest,
  config: { mediaType: MEDIA.config, ...config },
  layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
})
