import { RtError } from '@rt/driver-api'
import { platformText } from '../platform.ts'
import { familiar } from '../reference/format.ts'
import type { ImageReference } from '../reference/parse.ts'
import type { Descriptor, Manifest, Platform } from '../store/manifest.ts'
import type { Registry } from './client.ts'
import { ACCEPT, choose, type Document, parseDocument, platformsOf, sha256 } from './documents.ts'
import { invalid, wrongDigest } from './errors.ts'

/** Larger ones are refused by registries too. */
const MOST_MANIFEST = 4 << 20

/** What a name means at a registry, for one platform. */
export interface Resolved {
  readonly manifest: Manifest
  readonly bytes: Buffer
  /** The index that it was chosen from. */
  readonly index?: Buffer
  /** Of the index, or of the manifest where there is none: what the name means. */
  readonly digest: string
}

export const pullScope = (repository: string): string => `repository:${repository}:pull`

/** Only which digest a tag has now; undefined: the registry does not tell. Errors: as `resolve`. */
export const headDigest = async (registry: Registry, reference: ImageReference): Promise<string | undefined> => {
  const { headers } = await registry.read(manifestRequest(registry, reference, wantedOf(reference), 'HEAD'), [200, 404])
  const digest = headers['docker-content-digest']
  return typeof digest === 'string' ? digest : undefined
}

/**
 * Errors: RT_IMAGE_UNKNOWN, RT_IMAGE_PLATFORM, RT_IMAGE_INVALID, RT_REGISTRY_*.
 *
 * @param platform of this machine, or the one that was asked for
 */
export const resolve = async (registry: Registry, reference: ImageReference, platform: Platform): Promise<Resolved> => {
  const name = familiar(reference)
  const first = await getDocument(registry, reference, wantedOf(reference))
  if (first.document.kind === 'manifest')
    return { manifest: first.document.manifest, bytes: first.bytes, digest: first.digest }
  const { index } = first.document
  const chosen = choose(index, platform)
  if (chosen === undefined)
    throw new RtError('RT_IMAGE_PLATFORM', `The image ${name} is not made for ${platformText(platform)}.`, {
      remedy: `It is there for ${platformsOf(index).join(', ') || 'no platform'}: use --platform.`,
    })
  const second = await getDocument(registry, reference, chosen.digest)
  if (second.document.kind !== 'manifest') throw invalid(registry.host, `an index of indexes for ${name}`)
  return { manifest: second.document.manifest, bytes: second.bytes, index: first.bytes, digest: first.digest }
}

/** A config of a registry, verified. */
export const getConfig = async (
  registry: Registry,
  { path }: ImageReference,
  { digest, size }: Descriptor,
): Promise<Buffer> => {
  const repository = registry.prefix + path
  const what = `the config ${digest}`
  if (size > MOST_MANIFEST * 2) throw invalid(registry.host, `${what}, which is too large`)
  const { bytes } = await registry.read(
    { method: 'GET', to: `${repository}/blobs/${digest}`, what, repository, scope: pullScope(repository) },
    [200],
    size,
  )
  checkDigest(registry.host, digest, bytes)
  return bytes
}

const wantedOf = ({ digest, tag }: ImageReference): string => digest ?? tag ?? 'latest'

const manifestRequest = (registry: Registry, reference: ImageReference, wanted: string, method: 'GET' | 'HEAD') => {
  const repository = registry.prefix + reference.path
  return {
    method,
    to: `${repository}/manifests/${wanted}`,
    headers: { accept: ACCEPT },
    what: `the manifest of ${familiar(reference)}`,
    repository,
    scope: pullScope(repository),
  }
}

const getDocument = async (
  registry: Registry,
  reference: ImageReference,
  wanted: string,
): Promise<{ document: Document; bytes: Buffer; digest: string }> => {
  const { status, headers, bytes } = await registry.read(
    manifestRequest(registry, reference, wanted, 'GET'),
    [200, 404],
    MOST_MANIFEST,
  )
  const name = familiar(reference)
  if (status === 404) throw new RtError('RT_IMAGE_UNKNOWN', `${registry.host} has no image "${name}".`)
  const said = headers['docker-content-digest']
  // A tag is what the registry says it is; what it says of the bytes must be true of them.
  const expected = wanted.includes(':')
    ? wanted
    : typeof said === 'string' && said.startsWith('sha256:')
      ? said
      : undefined
  if (expected !== undefined) checkDigest(registry.host, expected, bytes)
  const document = parseDocument(bytes, headers['content-type'], registry.host, name)
  return { document, bytes, digest: sha256(bytes) }
}

const checkDigest = (host: string, digest: string, bytes: Buffer): void => {
  const found = sha256(bytes)
  if (found !== digest) throw wrongDigest(host, digest, found)
}
