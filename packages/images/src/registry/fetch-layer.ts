import { existsSync, rmSync } from 'node:fs'
import { isRtError } from '@rt/driver-api'
import { adoptLayer, type NewLayer } from '../store/adopt.ts'
import { claimFetch, type Fetch } from '../store/fetches.ts'
import { fileDigest } from '../store/file-digest.ts'
import { digestOf, hexOf, type Layout } from '../store/layout.ts'
import { type Descriptor, MEDIA } from '../store/manifest.ts'
import { makeTree } from '../store/workspace.ts'
import { locked, type Workspace } from '../store/write.ts'
import type { Unpacked } from '../unpack/file/unpack-file.ts'
import type { Unpackers } from '../unpack/file/unpackers.ts'
import type { Registry } from './client.ts'
import { Download } from './download.ts'
import { invalid, wrongDigest } from './errors.ts'
import type { LayerProgress, PullOptions } from './options.ts'

export interface LayerInput {
  readonly layout: Layout
  readonly workspace: Workspace
  readonly registry: Registry
  readonly unpackers: Unpackers
  readonly path: string
  readonly descriptor: Descriptor
  /** 64 hexadecimal digits. */
  readonly diffId: string
  readonly options: PullOptions
  readonly signal: AbortSignal
}

/**
 * Sees to it that the store has a layer, and keeps it as long as the workspace lives. Answers undefined where another process is fetching it;
 * with `wait` that is waited for, which blocks the thread. Errors: RT_REGISTRY_*, RT_ARCHIVE_*, RT_DISK_FULL; nothing is kept but the
 * beginning of an archive that was cut off.
 */
export const ensureLayer = async (
  input: LayerInput,
  { wait }: { readonly wait: boolean },
): Promise<'exists' | 'fetched' | undefined> => {
  const { layout, diffId, descriptor } = input
  if (pinLayer(input)) return tell(input, 'exists')
  const fetch = claimFetch(layout, diffId, hexOf(descriptor.digest), { wait })
  if (fetch === undefined) {
    report(input, 'waiting', 0)
    return undefined
  }
  try {
    // Whoever had it before us may be done.
    if (pinLayer(input)) {
      fetch.discard()
      return tell(input, 'exists')
    }
    const layer = await fetchLayer(input, fetch)
    locked(layout, () => {
      input.workspace.pin(diffId)
      adoptLayer(layout, input.workspace, layer)
    })
    fetch.discard()
    report(input, 'done', descriptor.size)
    return 'fetched'
  } finally {
    fetch.release()
  }
}

const tell = (input: LayerInput, state: 'exists'): 'exists' => {
  report(input, state, input.descriptor.size)
  return state
}

const report = ({ options, descriptor }: LayerInput, state: LayerProgress['state'], bytes: number): void =>
  options.onProgress?.({ digest: descriptor.digest, total: descriptor.size, bytes, state })

const pinLayer = ({ layout, workspace, diffId }: LayerInput): boolean =>
  locked(layout, () => {
    const there = existsSync(layout.layer(diffId))
    if (there) workspace.pin(diffId)
    return there
  })

const fetchLayer = async (input: LayerInput, fetch: Fetch): Promise<NewLayer> => {
  const { registry, path, descriptor } = input
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, input.signal])
  const download = new Download({ registry, path, descriptor, file: fetch.partial, signal })
  try {
    return await unpackDownload(input, download, fetch.partial, stop)
  } catch (error) {
    // What is not the connection's fault would come again.
    const connection = isRtError(error) && /^RT_REGISTRY_(?:UNREACHABLE|REFUSED|DENIED)$/.test(error.code)
    if (!connection && !input.signal.aborted) rmSync(fetch.partial, { force: true })
    // A beginning of last time may have been damaged since: once more, from the start.
    if (isRtError(error) && error.code === 'RT_REGISTRY_DIGEST' && download.resumed > 0) return fetchLayer(input, fetch)
    throw error
  } finally {
    download.close()
  }
}

/** Downloads, verifies and unpacks at the same time. */
const unpackDownload = async (
  input: LayerInput,
  download: Download,
  file: string,
  stop: AbortController,
): Promise<NewLayer> => {
  const { workspace, unpackers, descriptor, options } = input
  const { digest, size } = descriptor
  const tree = makeTree(workspace)
  try {
    const limits = options.limits
    const unpacking = unpackers.unpack({ file, size, tree, ...(limits && { limits }) }, download.resumed)
    const arriving = download.run((bytes) => {
      report(input, 'fetching', bytes)
      unpacking.reach(bytes)
    })
    arriving.then(
      () => report(input, 'unpacking', size),
      (error) => unpacking.giveUp(error),
    )
    // Of an archive that cannot be read it is of interest whether all of it is what the image names.
    unpacking.end.catch((error) => isCorrupt(error) || stop.abort(error))
    const [arrived, unpacked] = await Promise.allSettled([arriving, unpacking.end])
    if (arrived.status === 'rejected') throw arrived.reason
    verify(input, file, unpacked)
    const { packing, digest: _, ...facts } = unpacked.value
    return { tree, ...facts, blob: { path: file, digest, size, mediaType: MEDIA.layer + packing } }
  } catch (error) {
    rmSync(tree, { recursive: true, force: true })
    throw error
  }
}

const isCorrupt = (error: unknown): boolean => isRtError(error) && error.code === 'RT_ARCHIVE_CORRUPT'

/** An archive that cannot be read is the registry's doing where its digest is wrong, and otherwise that of whoever made the image. */
function verify(
  { registry, descriptor: { digest }, diffId }: LayerInput,
  file: string,
  unpacked: PromiseSettledResult<Unpacked>,
): asserts unpacked is PromiseFulfilledResult<Unpacked> {
  const found = unpacked.status === 'fulfilled' ? unpacked.value.digest : fileDigest(file)
  if (found !== digest) throw wrongDigest(registry.host, digest, found)
  if (unpacked.status === 'rejected') throw unpacked.reason
  if (unpacked.value.diffId !== diffId)
    throw invalid(
      registry.host,
      `a layer ${digest} that unpacks to ${digestOf(unpacked.value.diffId)} and not to ${digestOf(diffId)}, which the image names`,
    )
}
