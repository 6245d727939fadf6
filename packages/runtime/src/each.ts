import { isRtError } from '@rt/driver-api'

/** What became of one of the names that a command was given. */
export type Outcome<T = void> =
  | { readonly name: string; readonly value: T }
  | { readonly name: string; readonly error: Error }

/** Every name is tried: one that fails does not keep the others. An error that is not rt's own is a bug and ends everything. */
export const each = async <T>(
  names: readonly string[],
  act: (name: string) => T | Promise<T>,
): Promise<Outcome<T>[]> => {
  const outcomes: Outcome<T>[] = []
  for (const name of names) outcomes.push(await outcomeOf(name, () => act(name)))
  return outcomes
}

export const outcomeOf = async <T>(name: string, act: () => T | Promise<T>): Promise<Outcome<T>> => {
  try {
    return { name, value: await act() }
  } catch (error) {
    if (!isRtError(error)) throw error
    return { name, error }
  }
}

/** A second thing that is done to those that came through the first. */
export const onward = async <A, B>(
  outcomes: readonly Outcome<A>[],
  act: (value: A, name: string) => B | Promise<B>,
): Promise<Outcome<B>[]> => {
  const results: Outcome<B>[] = []
  for (const outcome of outcomes)
    results.push('error' in outcome ? outcome : await outcomeOf(outcome.name, () => act(outcome.value, outcome.name)))
  return results
}

/** Bytes of those that have gone, of all that were measured before. */
export const reclaimedBy = (outcomes: readonly Outcome<unknown>[], sizes: ReadonlyMap<string, number>): number =>
  outcomes.reduce((sum, outcome) => sum + ('error' in outcome ? 0 : (sizes.get(outcome.name) ?? 0)), 0)
