import { templateError } from './error.ts'
import { lex, type Piece, type Token } from './lex.ts'

export type Term =
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'group'; readonly pipe: Pipe }

/** A term and the fields behind it: `.Config.Env`, `$x.Name`, `(index .Mounts 0).Source`. */
export interface Operand {
  readonly term: Term
  readonly fields: readonly string[]
}

export type Command = readonly [Operand, ...Operand[]]

export interface Pipe {
  /** What it is given to, one or, of range, two; `declares`: with `:=`. */
  readonly variables: readonly string[]
  readonly declares: boolean
  readonly commands: readonly Command[]
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | Block

export interface Block {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipe: Pipe
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

/** @throws RtError RT_USAGE */
export const parseTemplate = (template: string): readonly Node[] => new Parser(template).all()

class Parser {
  readonly #template: string
  readonly #pieces: readonly Piece[]
  #at = 0
  #loops = 0

  constructor(template: string) {
    this.#template = template
    this.#pieces = lex(template)
  }

  all(): Node[] {
    const { nodes, end } = this.#list()
    if (end) throw this.#wrong(`"${end[0]?.value}" has no beginning`)
    return nodes
  }

  /** Up to the `else` or `end` that does not belong to it. */
  #list(): { nodes: Node[]; end?: readonly Token[] } {
    const nodes: Node[] = []
    for (let piece = this.#pieces[this.#at++]; piece; piece = this.#pieces[this.#at++]) {
      if ('text' in piece) {
        if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
        continue
      }
      const [first, ...rest] = piece.action
      const word = first?.kind === 'word' ? first.value : ''
      if (word === 'end' || word === 'else') return { nodes, end: piece.action }
      nodes.push(this.#node(word, piece.action, rest))
    }
    return { nodes }
  }

  #node(word: string, action: readonly Token[], rest: readonly Token[]): Node {
    if (word === 'if' || word === 'with' || word === 'range') return this.#block(word, rest)
    if (word === 'break' || word === 'continue') {
      if (rest.length > 0 || this.#loops === 0) throw this.#wrong(`"${word}" stands alone, in a range`)
      return { kind: word }
    }
    if (['define', 'template', 'block'].includes(word)) throw this.#wrong(`rt does not know "${word}"`)
    return { kind: 'print', pipe: this.#pipe(action) }
  }

  #block(kind: 'if' | 'with' | 'range', tokens: readonly Token[]): Node {
    const pipe = this.#pipe(tokens)
    if (kind === 'range') this.#loops++
    const { nodes: body, end } = this.#list()
    if (kind === 'range') this.#loops--
    const [word, next, ...rest] = end ?? []
    if (!word) throw this.#wrong(`"${kind}" has no end`)
    if (word.value === 'end') return { kind, pipe, body, otherwise: [] }
    // `else if` and `else with` share the end.
    if (next && (next.value === 'if' || next.value === 'with'))
      return { kind, pipe, body, otherwise: [this.#block(next.value, rest)] }
    const { nodes: otherwise, end: last } = this.#list()
    if (next || last?.[0]?.value !== 'end') throw this.#wrong(`"${kind}" has no end`)
    return { kind, pipe, body, otherwise }
  }

  #pipe(tokens: readonly Token[]): Pipe {
    const assign = tokens.findIndex(({ kind, value }) => kind === 'sign' && (value === ':=' || value === '='))
    const variables = tokens.slice(0, Math.max(assign, 0)).filter(({ value }) => value !== ',')
    if (variables.length > 2 || variables.some(({ kind }) => kind !== 'variable'))
      throw this.#wrong('only one or two variables can be given a value')
    const rest = [...tokens.slice(assign + 1)]
    const commands = this.#commands(rest)
    if (rest.length > 0) throw this.#wrong(`"${rest[0]?.value}" is not expected there`)
    return {
      variables: variables.map(({ value }) => value),
      declares: tokens[assign]?.value === ':=',
      commands,
    }
  }

  /** Takes from `rest` what belongs to the pipeline. */
  #commands(rest: Token[]): Command[] {
    const commands: Command[] = []
    do {
      const [first, ...others] = this.#operands(rest)
      if (!first) throw this.#wrong('a value is missing')
      commands.push([first, ...others])
    } while (rest[0]?.kind === 'sign' && rest[0].value === '|' && rest.shift())
    return commands
  }

  #operands(rest: Token[]): Operand[] {
    const operands: Operand[] = []
    for (let [next] = rest; next && !(next.kind === 'sign' && next.value !== '('); [next] = rest) {
      rest.shift()
      const fields: string[] = next.kind === 'field' && next.value !== '' ? [next.value] : []
      const term = this.#term(next, rest)
      while (rest[0]?.kind === 'field' && rest[0].glued && rest[0].value !== '') fields.push(rest.shift()?.value ?? '')
      operands.push({ term, fields })
    }
    return operands
  }

  #term({ kind, value }: Token, rest: Token[]): Term {
    if (kind === 'field') return { kind: 'dot' }
    if (kind === 'variable') return { kind, name: value }
    if (kind === 'number') return { kind: 'literal', value: Number(value) }
    if (kind === 'text') return { kind: 'literal', value }
    if (kind === 'word')
      return LITERALS.has(value) ? { kind: 'literal', value: LITERALS.get(value) } : { kind: 'function', name: value }
    const pipe = { variables: [], declares: false, commands: this.#commands(rest) }
    if (rest.shift()?.value !== ')') throw this.#wrong('a ")" is missing')
    return { kind: 'group', pipe }
  }

  #wrong(problem: string): Error {
    return templateError(this.#template, problem)
  }
}

const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['nil', null],
])
