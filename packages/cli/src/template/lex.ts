import { templateError } from './error.ts'

/** A word of an action. `glued`: no blank stands before it, as in `(index .A 0).B`. */
export interface Token {
  readonly kind: 'field' | 'variable' | 'text' | 'number' | 'word' | 'sign'
  /** A text's own characters; of a field the name without its dot, which is empty for `.` alone. */
  readonly value: string
  readonly glued: boolean
}

export type Piece = { readonly text: string } | { readonly action: readonly Token[] }

const TOKEN =
  /(?<field>\.[\p{L}_]?[\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<number>[+-]?\d+(?:\.\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<raw>`[^`]*`)|(?<sign>:=|[=|(),])/uy

/** A Go template as texts and actions; `{{-` and `-}}` take the blanks beside them, comments are gone. @throws RtError RT_USAGE */
export const lex = (template: string): Piece[] => {
  const pieces: Piece[] = []
  let at = 0
  let trimNext = false
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const text = template.slice(at, open < 0 ? undefined : open)
    const trimsBefore = open >= 0 && /^-\s/.test(template.slice(open + 2, open + 4))
    pieces.push({ text: trimmed(text, trimNext, trimsBefore) })
    if (open < 0) return pieces
    const { tokens, end, trims } = lexAction(template, open + (trimsBefore ? 4 : 2))
    if (tokens.length > 0) pieces.push({ action: tokens })
    trimNext = trims
    at = end
  }
  return pieces
}

const trimmed = (text: string, start: boolean, end: boolean): string => {
  const rest = start ? text.trimStart() : text
  return end ? rest.trimEnd() : rest
}

interface Action {
  readonly tokens: readonly Token[]
  /** Where the text goes on. */
  readonly end: number
  readonly trims: boolean
}

const lexAction = (template: string, start: number): Action => {
  const tokens: Token[] = []
  let at = start
  for (;;) {
    const blanks = /\s*/y
    blanks.lastIndex = at
    const glued = blanks.exec(template)?.[0] === ''
    at = blanks.lastIndex
    const [close] = /^(-?)\}\}/.exec(template.slice(at, at + 3)) ?? []
    if (close !== undefined && (close === '}}' || !glued))
      return { tokens, end: at + close.length, trims: close === '-}}' }
    if (template.startsWith('/*', at)) {
      const end = template.indexOf('*/', at)
      if (end < 0) throw templateError(template, 'a comment has no end')
      at = end + 2
      continue
    }
    TOKEN.lastIndex = at
    const found = TOKEN.exec(template)
    if (!found)
      throw templateError(
        template,
        at >= template.length ? 'a "}}" is missing' : `"${template[at]}" is not expected there`,
      )
    tokens.push(token(found.groups ?? {}, glued, template))
    at = TOKEN.lastIndex
  }
}

const token = (groups: Readonly<Record<string, string | undefined>>, glued: boolean, template: string): Token => {
  const { field, variable, number, word, quoted, raw, sign } = groups
  if (field !== undefined) return { kind: 'field', value: field.slice(1), glued }
  if (variable !== undefined) return { kind: 'variable', value: variable, glued }
  if (number !== undefined) return { kind: 'number', value: number, glued }
  if (word !== undefined) return { kind: 'word', value: word, glued }
  if (raw !== undefined) return { kind: 'text', value: raw.slice(1, -1), glued }
  if (quoted !== undefined) return { kind: 'text', value: unquoted(quoted, template), glued }
  return { kind: 'sign', value: sign ?? '', glued }
}

const unquoted = (quoted: string, template: string): string => {
  try {
    return String(JSON.parse(quoted))
  } catch (error) {
    throw templateError(template, `${quoted} is no text`, error)
  }
}
