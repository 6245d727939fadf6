import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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

/** Boot id and the inode of this network namespace: where rules, links and indices mean the same. */
export const thisPlace = (): string =>
  `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${statSync('/proc/self/ns/net').ino}`

/** undefined: nothing is known, or it was written by another boot, namespace or version. */
export const recall = (directory: string, place: string): KnownState | undefined => {
  let text: string
  try {
    text = readFileSync(join(directory, FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const state = JSON.parse(text) as KnownState
  return state.place === place ? state : undefined
}

/** Replaces the file in one go, because other starts are reading it. */
export const remember = (directory: string, state: KnownState): void => {
  const draft = join(directory, `${FILE}.${process.pid}`)
  // A bridge that somebody else made as rt would have (the script of `rt explain`) has no directory yet.
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 })
  renameSync(draft, join(directory, FILE))
}

const FILE = 'known.json'
