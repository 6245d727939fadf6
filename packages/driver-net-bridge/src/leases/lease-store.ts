import { linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { formatIpv4 } from '../address/ipv4.ts'
import { contains, formatSubnet } from '../address/subnet.ts'
import type { BridgeNetwork } from '../choose-subnet.ts'
import { Notes } from '../notes.ts'
import { readIfThere } from '../read-if-there.ts'
import { claimOf, isGiveable, numbersOf, sixOf, type Wanted } from './numbers.ts'

/** A container's addresses. */
export interface Lease {
  readonly address: number
  /** undefined: the network has no IPv6. */
  readonly address6: bigint | undefined
  /** Removing them, while they hold the container's id, gives the addresses back. */
  readonly files: readonly string[]
}

/**
 * Who has which address of a bridge: one file per address, named after it, holding the container's id. The name's uniqueness is
 * the lock, so that concurrent starts need no other. Addresses go round: one that was just given back is the last to be
 * given again, because neighbours and conntrack may still remember its former owner.
 */
export class LeaseStore {
  readonly #notes: Notes
  readonly #leases: string

  /** The bridge's directory below the run root. */
  constructor(directory: string, notes = new Notes(directory)) {
    this.#notes = notes
    this.#leases = leasesDirectory(directory)
  }

  /** Takes the addresses that are asked for, or the next free one. Throws RT_NET_NO_ADDRESS, RT_NET_ADDRESS_INVALID, RT_NET_ADDRESS_TAKEN. */
  reserve(id: ContainerId, network: BridgeNetwork, wanted: Wanted = {}): Lease {
    const claim = claimOf(network, wanted)
    const draft = join(this.#leases, `${DRAFT}${id}`)
    this.#write(draft, id)
    const taken: string[] = []
    try {
      for (const name of claim.names) {
        this.#takeThis(draft, name, id)
        taken.push(this.#path(name))
      }
      const address = claim.address ?? this.#next(draft, network)
      if (claim.address === undefined) taken.push(this.#path(formatIpv4(address)))
      return { address, address6: claim.address6 ?? sixOf(network, address), files: taken }
    } catch (error) {
      for (const path of taken) unlinkSync(path)
      throw error
    } finally {
      unlinkSync(draft)
    }
  }

  /** What was reserved and is not used after all. */
  giveBack({ files }: Lease): void {
    for (const path of files) unlinkSync(path)
  }

  #path(name: string): string {
    return join(this.#leases, name)
  }

  #next(draft: string, network: BridgeNetwork): number {
    const { subnet, range = subnet } = network
    const { first, last } = numbersOf(network)
    // Only a hint where to go on: without it, or with a wrong one, addresses are still unique.
    const hint = this.#notes.last()
    const number = hint !== undefined && contains(subnet, hint) ? hint - subnet.network : -1
    const start = number >= first && number <= last ? number + 1 - first : 0
    const count = last - first + 1
    for (let step = 0; step < count; step++) {
      const next = first + ((start + step) % count)
      if (!isGiveable(network, next)) continue
      const address = subnet.network + next
      if (!this.#take(draft, formatIpv4(address))) continue
      this.#notes.setLast(address)
      return address
    }
    throw new RtError('RT_NET_NO_ADDRESS', `Every address of ${formatSubnet(range)} is leased to a container.`, {
      remedy: 'Stop a container of this network, or use a network with a larger subnet.',
    })
  }

  #takeThis(draft: string, name: string, id: ContainerId): void {
    if (this.#take(draft, name)) return
    const holder = readIfThere(this.#path(name))
    // Left by an earlier life of the same container: it is the only one that may take it away.
    if (holder === id) unlinkSync(this.#path(name))
    if ((holder === undefined || holder === id) && this.#take(draft, name)) return
    const whose = holder === undefined ? 'another container' : `the container ${shortId(holder)}`
    throw new RtError('RT_NET_ADDRESS_TAKEN', `The address ${name} is leased to ${whose}.`)
  }

  /** link(2) and not open(O_EXCL): the lease appears with its content, so a crash cannot leave one that names nobody. */
  #take(draft: string, name: string): boolean {
    try {
      linkSync(draft, this.#path(name))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
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
export const DRAFT = '.reserve-'

export const leasesDirectory = (bridgeDirectory: string): string => join(bridgeDirectory, 'leases')
