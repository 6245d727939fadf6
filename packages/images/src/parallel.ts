/** As many at once; a registry's line is full with fewer, and Docker has three. */
const AT_ONCE = 4

/** Does `work` for each item. The first failure ends the others by their signal, and is thrown when all have ended. */
export const inParallel = async <T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const stop = new AbortController()
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
  const queue = [...items]
  let problem: { readonly error: unknown } | undefined
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && problem === undefined; item = queue.shift()) {
      try {
        await work(item, both)
      } catch (error) {
        problem ??= { error }
        stop.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  if (problem !== undefined) throw problem.error
}
