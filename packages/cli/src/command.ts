import type { Interfaces } from '@oclif/core'
import type { Runtime } from '@rt/runtime'

export type FlagDefinitions = Interfaces.FlagInput

/** What a command is given: its flags as oclif parsed them, and the words that are not flags. */
export interface Invocation {
  readonly flags: ParsedFlags
  readonly words: readonly string[]
  /** Made at first use, because `--version` and usage errors need none. */
  readonly runtime: () => Promise<Runtime>
}

/** oclif's result with its values narrowed to what our flag types can give. */
export class ParsedFlags {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  texts(name: string): string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.map(String) : []
  }

  /** As if it had been given. */
  with(name: string, value: string | boolean): ParsedFlags {
    return new ParsedFlags({ ...this.#values, [name]: value })
  }

  on(name: string): boolean {
    return this.#values[name] === true
  }

  /** undefined: neither `--flag` nor `--flag=false` was given. */
  given(name: string): boolean | undefined {
    const value = this.#values[name]
    return typeof value === 'boolean' ? value : undefined
  }
}

/** A command of rt: its definition in oclif's terms, from which parsing and help come, and what it does. */
export interface RtCommand {
  readonly summary: string
  readonly description?: string
  /** Behind `rt <name>`: `[OPTIONS] IMAGE [COMMAND] [ARG...]` */
  readonly usage: string
  readonly examples?: readonly string[]
  readonly flags: FlagDefinitions
  /** How many words it takes. With `stopAtWord` everything from the first word on belongs to the container's command. */
  readonly words: { readonly least: number; readonly most: number; readonly stopAtWord?: boolean }
  readonly hidden?: boolean
  /** The exit status; undefined: 0. */
  readonly run: (invocation: Invocation) => Promise<number | undefined>
}
