import { RtError } from '@rt/driver-api'
import { parsePlatform, thisPlatform } from '../platform.ts'
import { canonical } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { choose, parseDocument, sha256 } from '../registry/documents.ts'
import { CONTAINERD_NAME, REF_NAME } from '../store/index-file.ts'
import { hexOf } from '../store/layout.ts'
import type { Manifest } from '../store/manifest.ts'
import { corrupt } from '../tar/errors.ts'
import type { ArchiveFiles } from './files.ts'
import type { LoadOptions } from './options.ts'

/** One image that an archive says it has. */
export interface ArchivedImage {
  readonly config: Buffer
  /** undefined: Docker's form, which has none. */
  readonly manifest?: Buffer
  /** Bottommost first; `path` in the archive. */
  readonly layers: readonly { readonly path: string; readonly digest?: string }[]
  /** In canonical form. */
  readonly names: readonly string[]
  /** What an OCI layout calls it that is no name. */
  readonly tags?: readonly string[]
}

/** What an archive of either form has. Errors: RT_ARCHIVE_CORRUPT, RT_IMAGE_REFERENCE, RT_IMAGE_PLATFORM. */
export const readContents = (files: ArchiveFiles, options: LoadOptions): ArchivedImage[] => {
  const docker = dockerEntries(files)
  const index = files.document('oci-layout') === undefined ? undefined : files.document('index.json')
  if (index !== undefined) return ociImages(files, index, docker, options)
  if (docker !== undefined) return docker.map((entry) => dockerImage(files, entry))
  throw new RtError(
    'RT_ARCHIVE_CORRUPT',
    'The archive is no image archive: it has neither an index.json nor a manifest.json.',
    { remedy: 'A root file system tarball becomes an image with `rt import`.' },
  )
}

interface DockerEntry {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

const dockerEntries = (files: ArchiveFiles): DockerEntry[] | undefined => {
  const bytes = files.document('manifest.json')
  if (bytes === undefined) return undefined
  const entries = parse(bytes, 'manifest.json')
  if (!Array.isArray(entries) || !entries.every(isEntry))
    throw corrupt("The archive's manifest.json is no list of images.")
  return entries
}

const isEntry = (value: unknown): value is DockerEntry => {
  const { Config, Layers, RepoTags } = (value ?? {}) as Record<string, unknown>
  const isTexts = (list: unknown): boolean => Array.isArray(list) && list.every((item) => typeof item === 'string')
  return (
    typeof Config === 'string' && isTexts(Layers) && (RepoTags === undefined || RepoTags === null || isTexts(RepoTags))
  )
}

const dockerImage = (files: ArchiveFiles, { Config, Layers, RepoTags }: DockerEntry): ArchivedImage => ({
  config: required(files, Config),
  layers: Layers.map((path) => ({ path })),
  names: (RepoTags ?? []).map((name) => canonical(parseReference(name))),
})

const ociImages = (
  files: ArchiveFiles,
  index: Buffer,
  docker: readonly DockerEntry[] | undefined,
  options: LoadOptions,
): ArchivedImage[] => {
  const document = parseDocument(index, undefined, 'The archive', 'index.json')
  if (document.kind !== 'index') throw corrupt("The archive's index.json is no index.")
  // One name each: an image with several is there several times.
  return document.index.manifests.map((descriptor) => {
    const { bytes, manifest } = manifestOf(files, descriptor.digest, options)
    const config = blob(files, manifest.config.digest)
    const { annotations } = descriptor as { annotations?: Readonly<Record<string, unknown>> }
    const tags = docker?.find(({ Config }) => Config === blobPath(manifest.config.digest))?.RepoTags
    const name = nameIn(annotations)
    const names = name === undefined ? (tags ?? []) : [name]
    return {
      config,
      manifest: bytes,
      layers: manifest.layers.map(({ digest }) => ({ path: blobPath(digest), digest })),
      names: names.map((text) => canonical(parseReference(text))),
      tags: [annotations?.[REF_NAME]].filter((text) => typeof text === 'string'),
    }
  })
}

/** A bare `1.2` is a tag, which names nothing. */
const nameIn = (annotations: Readonly<Record<string, unknown>> | undefined): string | undefined =>
  [annotations?.[CONTAINERD_NAME], annotations?.[REF_NAME]].find(
    (text): text is string => typeof text === 'string' && /[/:]/.test(text),
  )

const manifestOf = (
  files: ArchiveFiles,
  digest: string,
  options: LoadOptions,
): { bytes: Buffer; manifest: Manifest } => {
  const bytes = blob(files, digest)
  const document = parseDocument(bytes, undefined, 'The archive', digest)
  if (document.kind === 'manifest') return { bytes, manifest: document.manifest }
  const platform = options.platform === undefined ? thisPlatform() : parsePlatform(options.platform)
  // As few tools write all of them into an archive: what is there of the index is chosen from.
  const manifests = document.index.manifests.filter((one) => files.file(blobPath(one.digest)) !== undefined)
  const chosen = choose({ manifests }, platform)
  if (chosen === undefined)
    throw new RtError(
      'RT_IMAGE_PLATFORM',
      `The archive has the image for other platforms than ${platform.os}/${platform.architecture} only.`,
    )
  return manifestOf(files, chosen.digest, options)
}

const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`

const blob = (files: ArchiveFiles, digest: string): Buffer => {
  const bytes = required(files, blobPath(digest))
  if (sha256(bytes) !== digest) throw corrupt(`The archive's blob ${digest} is something else: ${sha256(bytes)}.`)
  return bytes
}

const required = (files: ArchiveFiles, path: string): Buffer => {
  const bytes = files.document(path)
  if (bytes === undefined) throw corrupt(`The archive lacks ${JSON.stringify(path.slice(0, 120))}.`)
  return bytes
}

const parse = (bytes: Buffer, name: string): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw corrupt(`The archive's ${name} is not valid JSON.`, error)
  }
}
