import { existsSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { isRtError } from '@rt/driver-api'
import { makeTree } from '../import/import-archive.ts'
import { pumpArchive } from '../import/pump.ts'
import { adoptLayer, type NewLayer } from '../store/adopt.ts'
import { claimFetch, type Fetch } from '../store/fetches.ts'
import { digestOf, hexOf, type Layout } from '../store/layout.ts'
import { type Descriptor, MEDIA, type Packing } from '../store/manifest.ts'
import { locked, type Workspace } from '../store/write.ts'
import { LayerUnpacker } from '../unpack/layer.ts'
import type { Registry } from './client.ts'
import { Download } from './download.ts'
import { invalid } from './errors.ts'
import type { LayerProgress, PullOptions } from './options.ts'

export interface LayerInput {
  readonly layout: Layout
  readonly workspace: Workspace
  readonly registry: Registry
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
  const { registry, path, descriptor, signal } = input
  const onBytes = (bytes: number): void => report(input, 'fetching', bytes)
  const download = new Download({ registry, path, descriptor, file: fetch.partial, signal, onBytes })
  try {
    return await unpackDownload(input, download, fetch.partial)
  } catch (error) {
    // What is not the connection's fault would come again.
    const connection = isRtError(error) && /^RT_REGISTRY_(?:UNREACHABLE|REFUSED|DENIED)$/.test(error.code)
    if (!connection && !signal.aborted) rmSync(fetch.partial, { force: true })
    // A beginning of last time may have been damaged since: once more, from the start.
    if (isRtError(error) && error.code === 'RT_REGISTRY_DIGEST' && download.resumed > 0) return fetchLayer(input, fetch)
    throw error
  } finally {
    download.close()
  }
}

/** Downloads, verifies and unpacks in one go: neither archive nor tree is ever read again. */
const unpackDownload = async (
  { workspace, registry, descriptor, diffId, options, signal }: LayerInput,
  download: Download,
  path: string,
): Promise<NewLayer> => {
  const tree = makeTree(workspace, `tree-${diffId}`)
  const unpacker = new LayerUnpacker(tree, options.limits, options.onWarning, { isLayer: true })
  let packing: Packing
  try {
    const source = Readable.from(download.pieces(), { objectMode: false, highWaterMark: 1 << 18 })
    packing = await pumpArchive(source, (piece) => unpacker.push(piece), { signal })
    const facts = unpacker.finish()
    download.verify()
    if (facts.diffId !== diffId)
      throw invalid(
        registry.host,
        `a layer ${descriptor.digest} that unpacks to ${digestOf(facts.diffId)} and not to ${digestOf(diffId)}, which the image names`,
      )
    const { digest, size } = descriptor
    return { tree, ...facts, blob: { path, digest, size, mediaType: MEDIA.layer + packing } }
  } catch (error) {
    unpacker.abandon()
    rmSync(tree, { recursive: true, force: true })
    if (isRtError(error) && error.code === 'RT_ARCHIVE_CORRUPT') await blame(download)
    throw error
  }
}

/** An archive that cannot be read is the registry's doing where its digest is wrong, and otherwise that of whoever made the image. */
const blame = async (download: Download): Promise<void> => {
  for await (const _ of download.pieces());
  download.verify()
}
