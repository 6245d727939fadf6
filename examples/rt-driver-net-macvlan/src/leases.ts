import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerId, type HostStep, RtError } from '@rt/driver-api'
import { formatIpv4, parseIpv4 } from './ipv4.ts'

/**
 * Which container has which address: a symlink of that name that leads to the container's id. It comes into being with its content, so that
 * no crash leaves one that names nobody, and whoever is second gets EEXIST. They lie by parent and not by network: two networks may be
 * one and the same wire.
 */
export class Leases {
  readonly #root: string

  /** `runRoot`: state of this boot, because no lease outlives its container. */
  constructor(runRoot: string) {
    this.#root = join(runRoot, 'net', 'macvlan', 'leases')
  }

  /**
   * Takes the next free one of `candidates`.
   *
   * @throws RtError RT_NET_NO_ADDRESS, or RT_NET_ADDRESS_TAKEN where there was only one
   */
  take(parent: string, candidates: Iterable<number>, id: ContainerId): number {
    mkdirSync(join(this.#root, parent), { recursive: true, mode: 0o700 })
    const all = [...candidates]
    // Round robin, because the last one's namespace may still be there: ipvlan does not give an address twice.
    const next = all.indexOf(this.#last(parent)) + 1
    for (const address of [...all.slice(next), ...all.slice(0, next)]) {
      if (!this.#take(this.path(parent, address), id)) continue
      this.#remember(parent, address)
      return address
    }
    const [tried] = all
    if (tried !== undefined && all.length === 1)
      throw new RtError('RT_NET_ADDRESS_TAKEN', `The address ${formatIpv4(tried)} is another container's`)
    throw new RtError('RT_NET_NO_ADDRESS', 'Every address of the range is a container\u2019s', {
      remedy: 'Stop a container of this network, or give network.macvlan a larger range.',
    })
  }

  path(parent: string, address: number): string {
    return join(this.#root, parent, formatIpv4(address))
  }

  /** Gives one back, where it is still this container's. */
  static release(path: string, id: string): HostStep {
    return {
      where: 'host',
      op: 'file.remove',
      path,
      holding: id,
      why: 'Gives the address back: the interface went with its namespace.',
    }
  }

  /** Those of containers that do not live. */
  stale(live: ReadonlySet<ContainerId>): HostStep[] {
    return listIfThere(this.#root).flatMap((parent) =>
      listIfThere(join(this.#root, parent)).flatMap((name) => {
        if (name === LAST) return []
        const path = join(this.#root, parent, name)
        const id = readlinkSync(path)
        return live.has(id) ? [] : [Leases.release(path, id)]
      }),
    )
  }

  /** A hint: of two that are given at once, one is remembered. */
  #last(parent: string): number {
    return parseIpv4(unlessGone(() => readlinkSync(join(this.#root, parent, LAST))) ?? '') ?? -1
  }

  #remember(parent: string, address: number): void {
    const path = join(this.#root, parent, LAST)
    rmSync(path, { force: true })
    try {
      symlinkSync(formatIpv4(address), path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }

  get directory(): string {
    return join(this.#root, '..')
  }

  #take(path: string, id: ContainerId): boolean {
    try {
      symlinkSync(id, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      // Left by an earlier life of the same container.
      return holderOf(path) === id
    }
  }
}

/** No address is called so. */
const LAST = 'last'

const holderOf = (path: string): string | undefined => unlessGone(() => readlinkSync(path))

const listIfThere = (path: string): string[] => unlessGone(() => readdirSync(path)) ?? []

const unlessGone = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
