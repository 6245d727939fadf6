import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerId, RtError } from '@rt/driver-api'
import { formatIpv4, parseIpv4 } from '../address/ipv4.ts'
import { broadcastOf, contains, formatSubnet, type Subnet, sizeOf } from '../address/subnet.ts'

/**
 * Who has which address of a bridge: one file per address, named after it, holding the container's id. The name's uniqueness is
 * the lock, so that concurrent starts need no other. Addresses go round: one that was just given back is the last to be
 * given again, because neighbours and conntrack may still remember its former owner.
 */
export class LeaseStore {
  /** The bridge's directory below the run root. */
  readonly directory: string
  readonly #leases: string

  constructor(directory: string) {
    this.directory = directory
    this.#leases = join(directory, 'leases')
  }

  /** Where the lease of an address lies; removing the file gives it back. */
  path(address: number): string {
    return join(this.#leases, formatIpv4(address))
  }

  /** Takes the next free address. Throws RT_NET_NO_ADDRESS. */
  reserve(id: ContainerId, subnet: Subnet, gateway: number): number {
    const draft = join(this.#leases, `${DRAFT}${id}`)
    this.#write(draft, id)
    try {
      return this.#next(draft, subnet, gateway)
    } finally {
      unlinkSync(draft)
    }
  }

  /** Files to remove so that only containers of `live` hold addresses. One of them that holds several keeps the newest. */
  stale(live: ReadonlySet<ContainerId>): readonly string[] {
    const stale: string[] = []
    const newest = new Map<ContainerId, { path: string; time: number }>()
    for (const name of entries(this.#leases)) {
      const path = join(this.#leases, name)
      if (name.startsWith(DRAFT)) {
        if (!live.has(name.slice(DRAFT.length))) stale.push(path)
        continue
      }
      const lease = readLease(path)
      if (lease === undefined) continue
      const other = newest.get(lease.id)
      if (!live.has(lease.id)) stale.push(path)
      else if (other !== undefined && other.time > lease.time) stale.push(path)
      else {
        // A start that was killed before its clean-up was on disk leaves a lease that names a container which lives again.
        if (other !== undefined) stale.push(other.path)
        newest.set(lease.id, { path, time: lease.time })
      }
    }
    return stale
  }

  #next(draft: string, subnet: Subnet, gateway: number): number {
    const last = this.#last()
    const size = sizeOf(subnet)
    const start = last !== undefined && contains(subnet, last) ? last - subnet.network : 0
    for (let step = 1; step <= size; step++) {
      const address = subnet.network + ((start + step) % size)
      if (address === subnet.network || address === gateway || address === broadcastOf(subnet)) continue
      if (!this.#take(draft, address)) continue
      this.#remember(address)
      return address
    }
    throw new RtError('RT_NET_NO_ADDRESS', `Every address of ${formatSubnet(subnet)} is leased to a container.`)
  }

  /** link(2) and not open(O_EXCL): the lease appears with its content, so a crash cannot leave one that names nobody. */
  #take(draft: string, address: number): boolean {
    try {
      linkSync(draft, this.path(address))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  /** Only a hint where to go on: without it, or with a wrong one, addresses are still unique. */
  #last(): number | undefined {
    return parseIpv4(readIfThere(join(this.directory, 'last'))?.trim() ?? '')
  }

  /** Always the same length and in place: a reader between truncation and write would search from the start. */
  #remember(address: number): void {
    const path = join(this.directory, 'last')
    const text = `${formatIpv4(address).padEnd(15)}\n`
    try {
      writeFileSync(path, text, { flag: 'r+' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      writeFileSync(path, text, { mode: 0o600 })
    }
  }

  #write(path: string, content: string): void {
    try {
      writeFileSync(path, content, { mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      mkdirSync(this.#leases, { recursive: true, mode: 0o700 })
      writeFileSync(path, content, { mode: 0o600 })
    }
  }
}

/** Begins the name of a lease that has no address yet; no address begins so. */
const DRAFT = '.reserve-'

const entries = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** undefined: given back since the directory was read. */
const readLease = (path: string): { id: ContainerId; time: number } | undefined => {
  const id = readIfThere(path)
  const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return id === undefined || time === undefined ? undefined : { id: id.trim(), time }
}
