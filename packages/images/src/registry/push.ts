import { RtError, shortId } from '@rt/driver-api'
import { inParallel } from '../parallel.ts'
import { canonical, familiar } from '../reference/format.ts'
import { type ImageReference, parseReference } from '../reference/parse.ts'
import { writeReference } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import { type Descriptor, type Manifest, MEDIA } from '../store/manifest.ts'
import { readManifest, readReferences } from '../store/read.ts'
import { locked, makeWorkspace } from '../store/write.ts'
import { Registry } from './client.ts'
import { registryEndpoint } from './endpoints.ts'
import type { PushOptions } from './options.ts'
import { preparePush } from './prepare-push.ts'
import { Upload } from './upload.ts'

export interface Pushed {
  /** Of the manifest: what the name means at the registry now. */
  readonly digest: string
  /** Blobs that were sent, and that the registry took from another of its repositories. */
  readonly sent: number
  readonly mounted: number
}

/** See ImageStore.push. */
export const pushImage = async (layout: Layout, text: string, image: Image, options: PushOptions): Promise<Pushed> => {
  const reference = parseReference(text)
  if (image.reference === undefined)
    throw new RtError('RT_IMAGE_REFERENCE', `"${text}" is an image's id: a push needs a name, which says where to.`, {
      remedy: `Give it one: rt tag ${shortId(hexOf(image.id))} HOST/NAME:TAG`,
    })
  if (reference.tag === undefined || reference.digest !== undefined)
    throw new RtError('RT_IMAGE_REFERENCE', `"${text}" is named by its digest, and a push needs a tag.`)
  const registry = new Registry(registryEndpoint(reference.domain, options), options, options.signal)
  const workspace = locked(layout, () => makeWorkspace(layout))
  try {
    await registry.connect()
    const manifest = await preparePush(layout, workspace, image, options)
    const result = await send(registry, layout, reference, manifest, options)
    locked(layout, () =>
      writeReference(layout, workspace, { reference: canonical(reference), id: image.id, manifest, digest: manifest }),
    )
    return { ...result, digest: manifest }
  } finally {
    registry.close()
    workspace.dispose()
  }
}

/** Blobs first: a registry takes no manifest whose parts it does not have. */
const send = async (
  registry: Registry,
  layout: Layout,
  reference: ImageReference,
  digest: string,
  options: PushOptions,
): Promise<Omit<Pushed, 'digest'>> => {
  const { manifest, bytes } = readManifest(layout, digest)
  const blobs = new Map([...manifest.layers, manifest.config].map((blob) => [blob.digest, blob]))
  const homes = homesOf(layout, reference)
  const done = { sent: 0, mounted: 0 }
  await inParallel([...blobs.values()], options.signal, async (descriptor, signal) => {
    const input = { registry, path: reference.path, descriptor, file: layout.blob(hexOf(descriptor.digest)), signal }
    const onState = (state: PushState, sent: number): void => report(descriptor, state, sent, manifest, options)
    const outcome = await new Upload({ ...input, from: homes(descriptor.digest), onState }).run()
    if (outcome === 'mounted') done.mounted++
    if (outcome === 'done') done.sent++
  })
  await putManifest(registry, reference, manifest, bytes)
  return done
}

type PushState = 'sending' | 'exists' | 'mounted' | 'done'

/** The config is no layer, and nobody asks how far it is. */
const report = (
  { digest, size }: Descriptor,
  state: PushState,
  bytes: number,
  { config }: Manifest,
  { onProgress }: PushOptions,
): void => {
  if (digest !== config.digest) onProgress?.({ digest, total: size, bytes, state })
}

/** Another repository of the same registry that has a blob, as far as we know from what we pulled and pushed. */
const homesOf = (layout: Layout, { domain, path }: ImageReference): ((digest: string) => string | undefined) => {
  const homes = new Map<string, string>()
  for (const { reference, manifest, digest } of readReferences(layout)) {
    const other = parseReference(reference)
    if (digest === undefined || manifest === undefined || other.domain !== domain || other.path === path) continue
    const { manifest: document } = readManifest(layout, manifest)
    for (const blob of [...document.layers, document.config]) homes.set(blob.digest, other.path)
  }
  return (digest) => homes.get(digest)
}

const putManifest = async (
  registry: Registry,
  reference: ImageReference,
  { mediaType = MEDIA.manifest }: Manifest,
  bytes: Buffer,
): Promise<void> => {
  const repository = registry.prefix + reference.path
  await registry.read(
    {
      method: 'PUT',
      to: `${repository}/manifests/${reference.tag}`,
      headers: { 'content-type': mediaType },
      body: bytes,
      what: `the manifest of ${familiar(reference)}`,
      repository,
      scope: `repository:${repository}:pull,push`,
    },
    [201, 200, 202],
  )
}
