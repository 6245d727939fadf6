import type { ParsedFlags } from '../command.ts'

/** Flags of these names as they were given, one word each. */
export const flagWords = (flags: ParsedFlags, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const text = flags.text(name)
    const given = flags.given(name)
    return [
      ...(text === undefined ? [] : [`--${name}=${text}`]),
      ...flags.texts(name).map((value) => `--${name}=${value}`),
      ...(given === undefined ? [] : [given ? `--${name}` : `--no-${name}`]),
    ]
  })
