/** One word of a POSIX shell, whatever is in it. Plain words stay as they are, because people read this. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

export const quoteAll = (words: readonly string[]): string => words.map(quote).join(' ')

/** A here-document's delimiter that no line of the text equals. */
export const delimiter = (text: string, word: string): string => {
  const lines = new Set(text.split('\n'))
  let candidate = word
  while (lines.has(candidate)) candidate += '_'
  return candidate
}

/** Text on a command's standard input, exactly. */
export const feed = (command: string, text: string): string[] => {
  if (!text.endsWith('\n')) return [`printf '%s' ${quote(text)} | ${command}`]
  const end = delimiter(text, 'EOF')
  return [`${command} <<'${end}'`, ...text.slice(0, -1).split('\n'), end]
}

export const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
