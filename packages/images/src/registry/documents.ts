import { createHash } from 'node:crypto'
import { RtError } from '@rt/driver-api'
import { fits, platformText } from '../platform.ts'
import { type Descriptor, type Manifest, type ManifestIndex, MEDIA, type Platform } from '../store/manifest.ts'
import { invalid } from './errors.ts'

/** What a registry may answer for a name. */
export const ACCEPT = [MEDIA.manifest, MEDIA.dockerManifest, MEDIA.index, MEDIA.dockerList].join(', ')

/** The old format of before 2017, in which no digest can be checked. */
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/

const DIGEST = /^sha256:[0-9a-f]{64}$/

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export type Document =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'index'; readonly index: ManifestIndex }

/** Checks what came as far as it is used. `type`: the Content-Type. Errors: RT_REGISTRY_INVALID, RT_IMAGE_INVALID. */
export const parseDocument = (bytes: Buffer, type: string | undefined, host: string, name: string): Document => {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw invalid(host, `a manifest of ${name} that is not JSON`, error)
  }
  const mediaType = typeof value?.mediaType === 'string' ? value.mediaType : (type ?? '').replace(/\s*;.*$/, '')
  if (SCHEMA_1.test(mediaType) || value?.schemaVersion === 1)
    throw new RtError(
      'RT_IMAGE_INVALID',
      `The image ${name} is in the format of before 2017 (schema 1), which nothing vouches for.`,
      {
        remedy: 'Push it again with a present tool, or ask whoever made it.',
      },
    )
  // By their form: a manifest need not name its type, and one of both forms is ambiguous (CVE-2021-41190).
  if (Array.isArray(value?.manifests) && value.config === undefined && value.layers === undefined) {
    const { manifests } = value
    if (!manifests.every(isDescriptor)) throw invalid(host, `an index of ${name} with an entry that is none`)
    return { kind: 'index', index: { manifests } as ManifestIndex }
  }
  if (
    isDescriptor(value?.config) &&
    Array.isArray(value.layers) &&
    value.layers.every(isDescriptor) &&
    value.manifests === undefined
  )
    return { kind: 'manifest', manifest: { ...value, mediaType: mediaType || MEDIA.manifest } as Manifest }
  throw invalid(host, `a manifest of ${name} that is none`)
}

const isDescriptor = (value: unknown): value is Descriptor => {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Record<keyof Descriptor, unknown>>
  return (
    typeof mediaType === 'string' &&
    typeof digest === 'string' &&
    DIGEST.test(digest) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0
  )
}

/** Of several that fit: without a variant that was asked for the newest of ARM, as Docker does. */
export const choose = (index: ManifestIndex, wanted: Platform): Descriptor | undefined => {
  const { manifests } = index
  if (manifests.length === 1 && manifests[0]?.platform === undefined) return manifests[0]
  const fitting = manifests.filter(({ platform }) => platform !== undefined && fits(platform, wanted))
  return fitting.sort((a, b) => rank(b.platform) - rank(a.platform))[0]
}

/** None is the most general on amd64; `v7` before `v6` on arm. */
const rank = (platform: Platform | undefined): number => {
  if (platform === undefined || platform.architecture === 'amd64') return platform?.variant ? -1 : 0
  return Number.parseInt((platform.variant ?? '').slice(1), 10) || 0
}

export const platformsOf = ({ manifests }: ManifestIndex): string[] =>
  manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [platformText(platform)],
  )
