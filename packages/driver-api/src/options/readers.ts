import type { OptionReader } from './read.ts'

/** A whole number within bounds, both included. */
export const integerOption = (unit: string, least: number, most: number): OptionReader<number> => ({
  expected: `a number of ${unit} from ${least} to ${most}`,
  read: (value) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
      ? number
      : undefined
  },
})

export const booleanOption: OptionReader<boolean> = {
  expected: 'true or false',
  read: (value) =>
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
}

/** A text that `pattern` matches as a whole; `expected` says in words what that is. */
export const textOption = (expected: string, pattern = /^.+$/s): OptionReader<string> => ({
  expected,
  read: (value) => (typeof value === 'string' && pattern.exec(value)?.[0] === value ? value : undefined),
})

/** One of a few words. */
export const choiceOption = <const Word extends string>(...words: readonly Word[]): OptionReader<Word> => ({
  expected: words.map((word) => `"${word}"`).join(' or '),
  read: (value) => words.find((word) => word === value),
})

/** The absolute path of a file or directory of the host; whether it is there is not asked. */
export const pathOption: OptionReader<string> = textOption('an absolute path', /^\/[^\0]*$/)

/**
 * IFNAMSIZ is 16 with the terminating null. No dot, because in sysctl keys it separates; no plus, which is iptables' wildcard;
 * `all` and `default` are taken in /proc/sys/net/ipv4/conf.
 */
export const interfaceNameOption: OptionReader<string> = {
  expected: 'an interface name: at most 15 letters, digits, `-` and `_`, beginning with a letter',
  read: (value) =>
    typeof value === 'string' &&
    /^[A-Za-z][A-Za-z0-9_-]{0,14}$/.test(value) &&
    !['all', 'default', 'lo'].includes(value)
      ? value
      : undefined,
}
