import { didYouMean, RtError } from '@rt/driver-api'
import { templateError } from './error.ts'
import { FUNCTIONS, Misuse } from './functions.ts'
import { type Block, type Command, type Node, type Operand, type Pipe, parseTemplate } from './parse.ts'
import { isTrue, shown } from './values.ts'

/**
 * A template of Go, as Docker's `--format` takes it, ready for many values. Fields are members of objects; a member that is a function takes the
 * words behind it (`{{.Label "k"}}`). What is not there is an error, but not where `if` and `with` ask for it.
 *
 * @param absent what fields are that a value need not have
 * @throws RtError RT_USAGE at once for what is no template, later for a field that is not there
 */
export const compileTemplate = (
  template: string,
  absent?: ReadonlyMap<string, unknown>,
): ((value: unknown) => string) => {
  const nodes = parseTemplate(template)
  return (value) => {
    try {
      return new Run(value, absent).text(nodes)
    } catch (error) {
      if (error instanceof Misuse) throw templateError(template, error.message, error)
      throw error
    }
  }
}

type Leave = 'break' | 'continue'

class Run {
  readonly #variables: { name: string; value: unknown }[]
  readonly #root: unknown
  readonly #absent: ReadonlyMap<string, unknown> | undefined
  #written = ''

  constructor(root: unknown, absent: ReadonlyMap<string, unknown> | undefined) {
    this.#absent = absent
    this.#root = root
    this.#variables = [{ name: '$', value: root }]
  }

  text(nodes: readonly Node[]): string {
    this.#list(nodes, this.#root)
    return this.#written
  }

  #list(nodes: readonly Node[], dot: unknown): Leave | undefined {
    const mark = this.#variables.length
    try {
      for (const node of nodes) {
        const leave = this.#node(node, dot)
        if (leave) return leave
      }
      return undefined
    } finally {
      this.#variables.length = mark
    }
  }

  #node(node: Node, dot: unknown): Leave | undefined {
    if (node.kind === 'break' || node.kind === 'continue') return node.kind
    if (node.kind === 'text') this.#written += node.text
    else if (node.kind === 'print') {
      const value = this.#pipe(node.pipe, dot)
      if (node.pipe.variables.length === 0) this.#written += shown(value)
    } else {
      const mark = this.#variables.length
      const leave = node.kind === 'range' ? this.#range(node, dot) : this.#branch(node, dot)
      this.#variables.length = mark
      return leave
    }
    return undefined
  }

  #branch({ kind, pipe, body, otherwise }: Block, dot: unknown): Leave | undefined {
    const value = this.#pipe(pipe, dot, true)
    if (!isTrue(value)) return this.#list(otherwise, dot)
    return this.#list(body, kind === 'with' ? value : dot)
  }

  #range({ pipe, body, otherwise }: Block, dot: unknown): Leave | undefined {
    const over = this.#pipe({ ...pipe, variables: [] }, dot)
    const entries = this.#entries(over)
    if (entries.length === 0) return this.#list(otherwise, dot)
    for (const [key, value] of entries) {
      const mark = this.#variables.length
      const [first, second] = pipe.variables
      if (first !== undefined) this.#assign(first, second === undefined ? value : key, pipe.declares)
      if (second !== undefined) this.#assign(second, value, pipe.declares)
      const leave = this.#list(body, value)
      this.#variables.length = mark
      if (leave === 'break') break
    }
    return undefined
  }

  /** Maps go by their keys, in order. */
  #entries(over: unknown): [unknown, unknown][] {
    if (over === null || over === undefined) return []
    if (Array.isArray(over)) return over.map((value, at) => [at, value])
    if (typeof over === 'object') return Object.entries(over).sort(([a], [b]) => (a < b ? -1 : 1))
    throw new Misuse(`range cannot go over ${shown(over)}`)
  }

  #assign(name: string, value: unknown, declares: boolean): void {
    if (declares) this.#variables.push({ name, value })
    else this.#variable(name).value = value
  }

  #variable(name: string): { value: unknown } {
    const found = this.#variables.findLast((variable) => variable.name === name)
    if (!found) throw new Misuse(`there is no variable ${name}`)
    return found
  }

  /** `asks`: whether something is there is the question. */
  #pipe({ variables, declares, commands }: Pipe, dot: unknown, asks = false): unknown {
    let value: unknown
    for (const [at, command] of commands.entries()) value = this.#command(command, dot, at > 0 ? [value] : [], asks)
    const [name] = variables
    if (name !== undefined) this.#assign(name, value, declares)
    return value
  }

  #command([first, ...rest]: Command, dot: unknown, piped: readonly unknown[], asks: boolean): unknown {
    const { term, fields } = first
    const values = (): unknown[] => [...rest.map((operand) => this.#operand(operand, dot, asks)), ...piped]
    if (term.kind !== 'function') return this.#operand(first, dot, asks, values())
    if (term.name === 'and' || term.name === 'or') {
      if (rest.length + piped.length === 0) throw new Misuse(`${term.name} needs a value`)
      return this.#shortcut(term.name, rest, dot, piped)
    }
    const call = Object.hasOwn(FUNCTIONS, term.name) ? FUNCTIONS[term.name] : undefined
    if (!call)
      throw new Misuse(
        `there is no function "${term.name}".${didYouMean(term.name, Object.keys(FUNCTIONS))}`.replace(/\.$/, ''),
      )
    return this.#follow(call(...values()), fields, asks)
  }

  #shortcut(name: 'and' | 'or', rest: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    let value: unknown
    for (const operand of rest) {
      value = this.#operand(operand, dot, true)
      if (isTrue(value) === (name === 'or')) return value
    }
    return piped.length > 0 ? piped[0] : value
  }

  #operand({ term, fields }: Operand, dot: unknown, asks: boolean, words: readonly unknown[] = []): unknown {
    if (term.kind === 'function') return this.#command([{ term, fields }], dot, [], asks)
    const base =
      term.kind === 'dot'
        ? dot
        : term.kind === 'variable'
          ? this.#variable(term.name).value
          : term.kind === 'literal'
            ? term.value
            : this.#pipe(term.pipe, dot, asks)
    return this.#follow(base, fields, asks, words)
  }

  #follow(base: unknown, fields: readonly string[], asks: boolean, words: readonly unknown[] = []): unknown {
    let at = base
    for (const name of fields) {
      const members: object = typeof at === 'object' && at !== null ? at : {}
      const own = ownName(members, name)
      if (own !== undefined) at = Reflect.get(members, own)
      else if (typeof at === 'object' && at !== null && this.#absent?.has(name)) at = this.#absent.get(name)
      else if (asks) return undefined
      else throw missing(name, fields, Object.keys(members))
    }
    if (typeof at === 'function') return at(...words)
    if (words.length > 0)
      throw new Misuse(`${fields.length > 0 ? `.${fields.join('.')}` : shown(base)} takes no values`)
    return at
  }
}

/** Go has capitals where JSON may have none: `.Status` of an event is its `status`. */
const ownName = (members: object, name: string): string | undefined => {
  if (Object.hasOwn(members, name)) return name
  const lower = name.toLowerCase()
  return Object.keys(members).find((member) => member.toLowerCase() === lower)
}

const missing = (name: string, fields: readonly string[], members: readonly string[]): RtError => {
  const known = members.length > 0 && fields.length === 1 ? { remedy: `Fields: ${members.join(', ')}.` } : {}
  const path = fields.length > 1 ? `.${fields.join('.')} is not there: no "${name}".` : `there is no field "${name}".`
  return new RtError('RT_USAGE', `--format: ${path}${didYouMean(name, members)}`, known)
}
