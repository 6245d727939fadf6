import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nftGeneration, readCount } from '@rt/native'
import { thisPlace } from '../place.ts'
import { readSmall } from '../read-small.ts'
import type { FirewallBackend, FirewalledBridge } from './firewall.ts'

/** Where the firewall keeps what it knows. */
export interface NotePaths {
  /** Held while a program changes rules; its number counts the transactions that rt made of it. */
  readonly lock: string
  /** What was last seen of a bridge's rules. */
  note(bridge: string): string
}

/** Beside the leases, which are there before any rule is. The lock has a dot, which no bridge has in its name. */
export const notePaths = (runRoot: string): NotePaths => {
  const directory = join(runRoot, 'net', 'bridge')
  return { lock: join(directory, 'firewall.lock'), note: (bridge) => join(directory, bridge, 'firewall') }
}

/** Changes with every way of writing the rules: what another version saw complete says nothing about this one's. */
const FORM = 2

/**
 * What a bridge's note says when its rules are complete; undefined: nobody can tell, because no generation counts changes of the rules.
 *
 * The kernel counts all changes of nf_tables' rules, and rt its own, each of which leaves a complete bridge complete. As long as the
 * difference stays the same nobody else has changed anything, and there is no need to look. That it starts again from nothing
 * with another boot or in another network namespace is why `place` is part of it.
 */
export const noteOf = (backend: FirewallBackend, wanted: FirewalledBridge, lock: string): string | undefined => {
  const generation = nftGeneration()
  if (generation === undefined) return undefined
  const { bridge, subnets, masquerade, internal } = wanted
  const form = [FORM, backend, bridge, subnets.v4, subnets.v6 ?? '-', masquerade, internal].join(' ')
  return `${thisPlace()} ${generation - readCount(lock)} ${form}\n`
}

/** Whether two notes are of the same rules, at whatever state of the others: place (two words) and count come first. */
export const isSameForm = (one: string, other: string): boolean => formOf(one) === formOf(other)

const formOf = (note: string): string => note.slice(0, note.indexOf('\n')).split(' ').slice(3).join(' ')

/** Whether nobody can have changed a rule since the bridge's were seen complete: all that a start asks, where nothing is to be done. */
export const isKnownComplete = (backend: FirewallBackend, wanted: FirewalledBridge, runRoot: string): boolean => {
  const paths = notePaths(runRoot)
  const note = noteOf(backend, wanted, paths.lock)
  return note !== undefined && readNote(paths.note(wanted.bridge))?.startsWith(note) === true
}

export const forgetNote = (path: string): void => rmSync(path, { force: true })

export const readNote = (path: string): string | undefined => readSmall(path)

/** Replaces the file in one go, because other starts are reading it. */
export const writeNote = (path: string, note: string): void => {
  const draft = `${path}.${process.pid}`
  // A bridge that somebody else made as rt would have (the script of `rt explain`) has no directory yet.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(draft, note, { mode: 0o600 })
  renameSync(draft, path)
}
