import type { Layout } from '../store/layout.ts'
import { ensureLayer, type LayerInput } from './fetch-layer.ts'
import { inParallel } from './parallel.ts'

/** What this process is fetching, by directory and diffID: a lock that we hold ourselves would never come free while we wait for it. */
const under = new Map<string, Promise<unknown>>()

/** Fetches what the store does not have, and answers how many that were. The first failure ends the others. Errors: see `ensureLayer`. */
export const fetchLayers = async (
  layers: readonly Omit<LayerInput, 'signal'>[],
  signal: AbortSignal | undefined,
): Promise<number> => {
  const busy: LayerInput[] = []
  let fetched = 0
  await inParallel(layers, signal, async (layer, stop) => {
    const result = await once({ ...layer, signal: stop })
    if (result === undefined) busy.push({ ...layer, signal: stop })
    else if (result === 'fetched') fetched++
  })
  // Only now, with nothing of our own under way: while we wait for another process this one stands still.
  for (const input of busy) if ((await ensureLayer(input, { wait: true })) === 'fetched') fetched++
  return fetched
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
