import { existsSync } from 'node:fs'
import { inParallel } from '../parallel.ts'
import type { Layout } from '../store/layout.ts'
import { Unpackers } from '../unpack/file/unpackers.ts'
import { ensureLayer, type LayerInput } from './fetch-layer.ts'
import type { PullOptions } from './options.ts'

/** What this process is fetching, by directory and diffID: a lock that we hold ourselves would never come free while we wait for it. */
const under = new Map<string, Promise<unknown>>()

/** Fetches what the store does not have, and answers how many that were. The first failure ends the others. Errors: see `ensureLayer`. */
export const fetchLayers = async (
  layers: readonly Omit<LayerInput, 'signal' | 'unpackers'>[],
  { signal, onWarning }: PullOptions,
): Promise<number> => {
  const missing = layers.filter(({ layout, diffId }) => !existsSync(layout.layer(diffId)))
  const unpackers = new Unpackers(
    missing.map(({ descriptor }) => descriptor.size),
    onWarning,
  )
  const busy: LayerInput[] = []
  let fetched = 0
  try {
    await inParallel(layers, signal, async (layer, stop) => {
      const input = { ...layer, unpackers, signal: stop }
      const result = await once(input)
      if (result === undefined) busy.push(input)
      else if (result === 'fetched') fetched++
    })
    // Only now, with nothing of our own under way: while we wait for another process this one stands still.
    for (const input of busy) if ((await ensureLayer(input, { wait: true })) === 'fetched') fetched++
    return fetched
  } finally {
    await unpackers.close()
  }
}

const keyOf = (layout: Layout, diffId: string): string => `${layout.base}/${diffId}`

const once = async (input: LayerInput): Promise<'exists' | 'fetched' | undefined> => {
  const key = keyOf(input.layout, input.diffId)
  for (let other = under.get(key); other !== undefined; other = under.get(key)) await other
  const work = ensureLayer(input, { wait: false })
  // Who waits for it tries again by himself where it fails.
  const settled = work.then(
    () => {},
    () => {},
  )
  under.set(key, settled)
  try {
    return await work
  } finally {
    under.delete(key)
  }
}
