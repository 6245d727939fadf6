import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { isRtError, RtError } from '@rt/driver-api'
import { parseConfig } from '../config/parse.ts'
import { fits, parsePlatform, platformText, thisPlatform } from '../platform.ts'
import { canonical, familiar } from '../reference/format.ts'
import { type ImageReference, parseReference } from '../reference/parse.ts'
import { collectGarbage } from '../store/collect.ts'
import { commitImage } from '../store/commit.ts'
import { sweepFetches } from '../store/fetches.ts'
import type { Image } from '../store/image.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import type { Descriptor, Platform } from '../store/manifest.ts'
import { type ReferenceRecord, readImage, readJson } from '../store/read.ts'
import { locked, makeWorkspace } from '../store/write.ts'
import { Registry } from './client.ts'
import { type Endpoint, pullEndpoints } from './endpoints.ts'
import { invalid } from './errors.ts'
import { fetchLayers } from './fetch-layers.ts'
import type { PullOptions } from './options.ts'
import { getConfig, headDigest, type Resolved, resolve } from './resolve.ts'

export interface Pulled {
  readonly image: Image
  /** What the name means at the registry. */
  readonly digest: string
  /** How many layers were not there yet. */
  readonly fetched: number
  /** The name meant this very image before. */
  readonly upToDate: boolean
}

/** See ImageStore.pull. */
export const pullImage = async (layout: Layout, text: string, options: PullOptions): Promise<Pulled> => {
  const reference = parseReference(text)
  if (reference.digest !== undefined && !reference.digest.startsWith('sha256:'))
    throw new RtError(
      'RT_IMAGE_REFERENCE',
      `"${text}" has a digest of another kind than sha256, which rt does not know.`,
    )
  const platform = options.platform === undefined ? thisPlatform() : parsePlatform(options.platform)
  const failures: unknown[] = []
  for (const endpoint of pullEndpoints(reference, options)) {
    try {
      return await pullFrom(endpoint, layout, reference, platform, options)
    } catch (error) {
      if (isRtError(error) && error.code === 'RT_DISK_FULL') giveUp(layout)
      // Where a mirror lacks it or is down, the next may do; what the image itself is at fault for, is so everywhere.
      if (!isRtError(error) || !ELSEWHERE.test(error.code) || options.signal?.aborted) throw error
      failures.push(error)
    }
  }
  throw combined(familiar(reference), failures as RtError[])
}

/** On a full disk layers that may be of use later are worth less than the space. */
const giveUp = (layout: Layout): void =>
  locked(layout, () => {
    const workspace = makeWorkspace(layout)
    sweepFetches(layout)
    collectGarbage(layout, workspace)
    return workspace
  }).dispose()

const ELSEWHERE = /^RT_(?:IMAGE_UNKNOWN|REGISTRY_)/

/** Of several servers each one's reason, the registry's own last; its code is the one that counts. */
const combined = (name: string, failures: readonly RtError[]): RtError => {
  const last = failures.at(-1)
  if (last === undefined) throw new Error('a registry without an endpoint')
  if (failures.length === 1) return last
  const reasons = failures.map(({ message }) => message.replace(/\.$/, '')).join('; ')
  return new RtError(last.code, `The image "${name}" is not to be had: ${reasons}.`, {
    cause: last,
    remedy: last.remedy,
  })
}

const pullFrom = async (
  endpoint: Endpoint,
  layout: Layout,
  reference: ImageReference,
  platform: Platform,
  options: PullOptions,
): Promise<Pulled> => {
  const registry = new Registry(endpoint, options, options.signal)
  try {
    await registry.connect()
    return (
      (await unchanged(registry, layout, reference, platform)) ??
      (await pullWith(registry, layout, reference, platform, options))
    )
  } finally {
    registry.close()
  }
}

/** A tag that still means what it meant costs one request without a body, which registries do not count. */
const unchanged = async (
  registry: Registry,
  layout: Layout,
  reference: ImageReference,
  platform: Platform,
): Promise<Pulled | undefined> => {
  const name = canonical(reference)
  const record = readJson<ReferenceRecord>(layout.reference(name))
  if (record?.digest === undefined) return undefined
  const image = readImage(layout, hexOf(record.id), name)
  if (image === undefined || !fits(image.config, platform)) return undefined
  const digest = await headDigest(registry, reference)
  return digest === record.digest ? { image, digest, fetched: 0, upToDate: true } : undefined
}

const pullWith = async (
  registry: Registry,
  layout: Layout,
  reference: ImageReference,
  platform: Platform,
  options: PullOptions,
): Promise<Pulled> => {
  const resolved = await resolve(registry, reference, platform)
  const { manifest, digest } = resolved
  // Nothing is collected before: layers of a pull that failed half-way are there for this one.
  const workspace = locked(layout, () => makeWorkspace(layout))
  try {
    const bytes = await configBytes(registry, layout, reference, manifest.config)
    const config = parseConfig(bytes, familiar(reference))
    const diffIds = config.rootfs.diff_ids.map(hexOf)
    if (diffIds.length !== manifest.layers.length)
      throw invalid(registry.host, `${manifest.layers.length} layers for an image that has ${diffIds.length}`)
    if (!fits(config, platform)) warnOfPlatform(config, platform, reference, options)
    options.onFound?.({ host: registry.host, layers: diffIds.length })
    const layers = new Map(diffIds.map((diffId, index) => [diffId, manifest.layers[index] as Descriptor]))
    checkSpace(layout, layers.values())
    const fetched = await fetchLayers(
      [...layers].map(([diffId, descriptor]) => ({
        layout,
        workspace,
        registry,
        path: reference.path,
        descriptor,
        diffId,
        options,
      })),
      options,
    )
    const before = readJson<ReferenceRecord>(layout.reference(canonical(reference)))
    const image = commitImage(layout, workspace, {
      reference: canonical(reference),
      config,
      origin: originOf(resolved, bytes),
      layers: [],
    })
    locked(layout, () => collectGarbage(layout, workspace))
    return { image, digest, fetched, upToDate: fetched === 0 && before?.id === image.id && before.digest === digest }
  } finally {
    workspace.dispose()
  }
}

const originOf = ({ bytes, index }: Resolved, config: Buffer) => ({
  config,
  manifest: bytes,
  isRegistry: true,
  ...(index !== undefined && { index }),
})

const configBytes = (
  registry: Registry,
  layout: Layout,
  reference: ImageReference,
  descriptor: Descriptor,
): Promise<Buffer> => {
  const hex = hexOf(descriptor.digest)
  return existsSync(layout.config(hex))
    ? Promise.resolve(readFileSync(layout.config(hex)))
    : getConfig(registry, reference, descriptor)
}

const warnOfPlatform = (
  found: Platform,
  wanted: Platform,
  reference: ImageReference,
  { onWarning }: PullOptions,
): void =>
  onWarning?.(
    `The image ${familiar(reference)} is made for ${platformText(found)}, not for ${platformText(wanted)}: its programs may not run here.`,
  )

/** The archives alone must fit; what their trees take is counted while they are unpacked. */
const checkSpace = (layout: Layout, layers: Iterable<Descriptor>): void => {
  const { bavail, bsize, blocks } = statfsSync(layout.base)
  const needed = [...layers].reduce(
    (sum, { digest, size }) => sum + (existsSync(layout.blob(hexOf(digest))) ? 0 : size),
    0,
  )
  if (blocks === 0 || needed <= bavail * bsize) return
  const [want, have] = [needed, bavail * bsize].map((bytes) => Math.ceil(bytes / 2 ** 20))
  throw new RtError('RT_DISK_FULL', `The image's layers are ${want} MiB, and the image store has ${have} MiB left.`)
}
