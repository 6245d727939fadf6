import { RtError } from '../errors/rt-error.ts'
import { didYouMean } from '../suggest.ts'

/** How one option of a driver is read. Values come from YAML, from the environment (always text) or from flags. */
export interface OptionReader<T> {
  /** Completes "must be ...": `a number of bytes from 1280 to 65535`. */
  readonly expected: string
  /** undefined: the value cannot be used. */
  read(value: unknown): T | undefined
}

/**
 * Reads the options of a driver, `section` being their place in the config (`network.bridge`). What is not given stays
 * undefined. Throws RT_DRIVER_OPTION for a name that no reader knows and for a value that its reader refuses.
 */
export const readOptions = <T extends object>(
  section: string,
  given: Readonly<Record<string, unknown>>,
  readers: { readonly [K in keyof T]: OptionReader<T[K]> },
): Partial<T> => {
  const known = Object.keys(readers)
  const result: Partial<T> = {}
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(readers, name)) throw unknownOption(section, name, known)
    const reader = readers[name as keyof T]
    const read = reader.read(value)
    if (read === undefined) {
      throw new RtError('RT_DRIVER_OPTION', `${section}.${name} is ${quoted(value)}, but must be ${reader.expected}.`, {
        remedy: `Change ${section}.${name}; \`rt config\` shows where its value comes from.`,
      })
    }
    result[name as keyof T] = read
  }
  return result
}

const unknownOption = (section: string, name: string, known: readonly string[]): RtError =>
  new RtError('RT_DRIVER_OPTION', `${section} has no option "${name}".${didYouMean(name, known)}`, {
    remedy:
      known.length === 0
        ? `Remove it: ${section} takes no options.`
        : `Use one of the options of ${section}: ${known.join(', ')}.`,
  })

const quoted = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'empty')
