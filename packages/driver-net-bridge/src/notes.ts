import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { formatIpv4, parseIpv4 } from './address/ipv4.ts'
import { readSmall } from './read-small.ts'

/**
 * What the last start found out about a complete bridge at some cost (a dump of all interfaces), so that the next one need not ask
 * again: true as long as the machine has not rebooted and the bridge is the same interface.
 */
export interface KnownState {
  /** This boot and network namespace. */
  readonly place: string
  /** The interface's index: another bridge of the same name has another. */
  readonly index: number
  /** The bridge's addresses with prefix length. */
  readonly addresses: readonly string[]
}

/**
 * A bridge's notes, one small file: in its first line, always of one length, the address that was leased last, and below it what is
 * known of the bridge. Together, because every start reads both. Nothing in it has to be right: what is missing is found out again, and
 * addresses are unique without it.
 */
export class Notes {
  readonly #directory: string
  readonly #path: string
  #text: string | undefined

  /** The bridge's directory. */
  constructor(directory: string) {
    this.#directory = directory
    this.#path = join(directory, 'notes')
  }

  /** undefined: nothing is known, or it was written by another boot, namespace or version. */
  known(place: string): KnownState | undefined {
    const json = this.#read().slice(LAST)
    if (json === '') return undefined
    const state = JSON.parse(json) as KnownState
    return state.place === place ? state : undefined
  }

  /** Where to go on leasing; undefined: at the beginning. */
  last(): number | undefined {
    return parseIpv4(this.#read().slice(0, LAST).trim())
  }

  /** In place, so that what others read meanwhile is the old or the new address and the rest as it was. */
  setLast(address: number): void {
    const line = firstLine(formatIpv4(address))
    this.#text = `${line}${this.#read().slice(LAST)}`
    try {
      const fd = openSync(this.#path, 'r+')
      writeSync(fd, line, 0)
      closeSync(fd)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      writeFileSync(this.#path, line, { mode: 0o600 })
    }
  }

  /** Replaces the file in one go, because other starts are reading it. */
  setKnown(state: KnownState): void {
    const draft = `${this.#path}.${process.pid}`
    // A bridge that somebody else made as rt would have (the script of `rt explain`) has no directory yet.
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const line = firstLine(this.#read().slice(0, LAST).trim())
    this.#text = `${line}${JSON.stringify(state)}`
    writeFileSync(draft, this.#text, { mode: 0o600 })
    renameSync(draft, this.#path)
  }

  #read(): string {
    this.#text ??= readSmall(this.#path) ?? ''
    return this.#text
  }
}

/** Bytes of the first line: the longest address and its end. */
const LAST = 16
const firstLine = (text: string): string => `${text.padEnd(LAST - 1)}\n`
