import type { Layout } from '../store/layout.ts'
import { ensureLayer, type LayerInput } from './fetch-layer.ts'

/** As many at once; a registry's line is full with fewer, and Docker has three. */
const AT_ONCE = 4

/** What this process is fetching, by directory and diffID: a lock that we hold ourselves would never come free while we wait for it. */
const under = new Map<string, Promise<unknown>>()

/** Fetches what the store does not have. The first failure ends the others. Errors: see `ensureLayer`. */
export const fetchLayers = async (
  layers: readonly Omit<LayerInput, 'signal'>[],
  signal: AbortSignal | undefined,
): Promise<number> => {
  const stop = new AbortController()
  const inputs = layers.map((layer) => ({
    ...layer,
    signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
  }))
  const busy: LayerInput[] = []
  let fetched = 0
  await inParallel(inputs, stop, async (input) => {
    const result = await once(input)
    if (result === undefined) busy.push(input)
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

const inParallel = async <T>(
  items: readonly T[],
  stop: AbortController,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = [...items]
  let problem: { readonly error: unknown } | undefined
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && problem === undefined; item = queue.shift()) {
      try {
        await work(item)
      } catch (error) {
        problem ??= { error }
        stop.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  if (problem !== undefined) throw problem.error
}
