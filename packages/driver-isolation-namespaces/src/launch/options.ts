import type { MountFlag } from '@rt/driver-api'

export interface ParsedOptions {
  readonly flags: readonly MountFlag[]
  /** The words that are the file system's own, `mode=755,size=64m`; undefined: none. */
  readonly data?: string
  /** How the mount shares its events with the host's; undefined: not at all. A second mount(2). */
  readonly propagation?: readonly MountFlag[]
}

const FLAGS: Readonly<Record<string, MountFlag | readonly MountFlag[]>> = {
  ro: 'ro',
  nosuid: 'nosuid',
  nodev: 'nodev',
  noexec: 'noexec',
  noatime: 'noatime',
  relatime: 'relatime',
  strictatime: 'strictatime',
  bind: 'bind',
  rbind: ['bind', 'rec'],
}

/** Words that take an earlier one back; the later word wins, as in mount(8). */
const OPPOSITES: Readonly<Record<string, MountFlag>> = { rw: 'ro', suid: 'nosuid', dev: 'nodev', exec: 'noexec' }

/** The whole mount tree has been made private already, so these change nothing. */
const IMPLIED = new Set(['private', 'rprivate', 'defaults'])

const PROPAGATION: Readonly<Record<string, readonly MountFlag[]>> = {
  shared: ['shared'],
  rshared: ['shared', 'rec'],
  slave: ['slave'],
  rslave: ['slave', 'rec'],
}

/** Takes the fstab words of an OCI mount apart into flags of mount(2) and data of the file system. */
export function parseMountOptions(options: readonly string[]): ParsedOptions {
  const flags = new Set<MountFlag>()
  const data: string[] = []
  let propagation: readonly MountFlag[] | undefined
  for (const word of options) {
    const flag = FLAGS[word]
    const opposite = OPPOSITES[word]
    if (flag !== undefined) for (const one of [flag].flat()) flags.add(one)
    else if (opposite !== undefined) flags.delete(opposite)
    else if (PROPAGATION[word] !== undefined) propagation = PROPAGATION[word]
    else if (!IMPLIED.has(word)) data.push(word)
  }
  return {
    flags: [...flags],
    ...(data.length > 0 && { data: data.join(',') }),
    ...(propagation && { propagation }),
  }
}
