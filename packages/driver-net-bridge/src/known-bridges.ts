import { existsSync, readdirSync } from 'node:fs'
import { observeLink } from '@rt/native'
import { isOurs } from './bridge-link.ts'
import { describeLink } from './observe.ts'
import { bridgesDirectory } from './paths.ts'

/** Every bridge that has state below the run root, whatever config and definitions name today, and those of `named` that are there. */
export const knownBridges = (runRoot: string, named: readonly string[]): readonly string[] => {
  const directory = bridgesDirectory(runRoot)
  const kept = existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : []
  return [...new Set([...kept, ...named.filter(isThere)])]
}

/** An interface of that name that rt has made. */
export const isThere = (bridge: string): boolean => {
  const link = observeLink(bridge)
  return link !== undefined && isOurs(describeLink(link))
}
