import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerId } from '@rt/driver-api'
import type { Published } from '../firewall/firewall.ts'
import { portsDirectory } from '../paths.ts'
import { readIfThere } from '../read-if-there.ts'

/** What one container has published on a bridge. */
export interface PublishedNote {
  readonly container: ContainerId
  readonly path: string
  readonly ports: readonly Published[]
}

export const publishedOn = (runRoot: string, bridge: string): readonly PublishedNote[] => {
  const directory = portsDirectory(runRoot, bridge)
  if (!existsSync(directory)) return []
  return readdirSync(directory).flatMap((container) => {
    const path = join(directory, container)
    // Its container may have ended since the directory was read.
    const text = readIfThere(path)
    return text === undefined ? [] : [{ container, path, ports: readPorts(text) }]
  })
}

/** Written in one go, but not synced: after a crash of the machine it may be empty, and then so are the rules. */
const readPorts = (text: string): readonly Published[] =>
  text.endsWith('\n') ? (JSON.parse(text) as readonly Published[]) : []
