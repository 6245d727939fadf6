import { type OptionReader, readOptions } from './read.ts'

/** One option as a driver declares it: how it is read, and what people are told about it. */
export interface OptionDeclaration<T = unknown> extends OptionReader<T> {
  /** One sentence: what it does. */
  readonly description: string
  /** Its value where nobody gives one; undefined: none, see `unset`. */
  readonly default?: T
  /** What happens where nobody gives one and there is no `default`, in a few words: `that of the default route's interface`. */
  readonly unset?: string
}

/** All options of a driver, by their names in its section of the config. */
// biome-ignore lint/suspicious/noExplicitAny: a schema is read for any driver; `declaredOptions` gives each value its own type.
export type OptionsSchema = Readonly<Record<string, OptionDeclaration<any>>>

/** Makes an option of a reader. A default is read as a user's value would be, so that one that is none is found at once. */
export const option = <
  T,
  const More extends { readonly description: string; readonly default?: T; readonly unset?: string },
>(
  reader: OptionReader<T>,
  more: More,
): OptionReader<T> & More => ({ ...reader, ...more })

/** What `declaredOptions` answers: an option with a default is always there. */
export type OptionValues<S extends OptionsSchema> = {
  readonly [K in keyof S]: S[K] extends OptionReader<infer T>
    ? S[K] extends { readonly default: unknown }
      ? T
      : T | undefined
    : never
}

/**
 * Reads a driver's options by its schema and fills in the defaults. `section` is their place in the config (`network.bridge`).
 *
 * @throws RtError RT_DRIVER_OPTION for a name that the schema does not have, and for a value that its reader refuses
 */
export const declaredOptions = <S extends OptionsSchema>(
  section: string,
  given: Readonly<Record<string, unknown>>,
  schema: S,
): OptionValues<S> => {
  const read: Record<string, unknown> = readOptions(section, given, schema)
  const defaults = Object.entries(schema).map(([name, { default: value }]) => [name, value])
  return { ...Object.fromEntries(defaults), ...read } as OptionValues<S>
}
