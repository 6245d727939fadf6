import { closeSync } from 'node:fs'
import { type ContainerId, type PublishedPort, RtError } from '@rt/driver-api'
import { errorCode, type ReservedPort, reservePort } from '@rt/native'
import type { Layout } from '../layout.ts'
import { holderOf } from './holder.ts'
import type { WantedPort } from './wanted.ts'

/** Ports of the host that are held for a container: by this process until it ends, closes them or hands them on. */
export interface HeldPorts {
  readonly ports: readonly PublishedPort[]
  readonly fds: readonly number[]
  close(): void
}

/** How many free ports are tried where the same one has to be free at several addresses. */
const ATTEMPTS = 32

/**
 * Binds a socket for every port.
 *
 * @param addresses for ports that have none of their own
 * @throws RtError RT_PORT_TAKEN, which names who has it, or RT_PORT_INVALID for an address that the host does not have; nothing is held then
 */
export const holdPorts = (
  layout: Layout,
  container: ContainerId,
  wanted: readonly WantedPort[],
  addresses: readonly string[],
): HeldPorts => {
  const held: { port: PublishedPort; fd: number }[] = []
  const close = (): void => {
    for (const { fd } of held) closeSync(fd)
  }
  try {
    for (const port of wanted)
      held.push(...holdOne(port, addresses, (taken) => takenError(layout, container, port, taken, held)))
  } catch (error) {
    close()
    throw error
  }
  return { ports: held.map(({ port }) => port), fds: held.map(({ fd }) => fd), close }
}

interface Held {
  readonly port: PublishedPort
  readonly fd: number
}

const holdOne = (
  wanted: WantedPort,
  defaults: readonly string[],
  refusal: (taken: Taken) => RtError,
): readonly Held[] => {
  const addresses = wanted.address === undefined ? defaults : [wanted.address]
  let taken: Taken | undefined
  for (const port of candidates(wanted)) {
    const attempt = holdEverywhere(wanted, addresses, port)
    if (Array.isArray(attempt)) return attempt
    taken = attempt
  }
  throw refusal(taken as Taken)
}

/** 0: the kernel chooses. */
const candidates = function* ({ host }: WantedPort): Generator<number> {
  if (host) for (let port = host.first; port <= host.last; port++) yield port
  else for (let attempt = 0; attempt < ATTEMPTS; attempt++) yield 0
}

interface Taken {
  readonly address: string
  readonly port: number
}

/** The same port at every address, or where it is taken. */
const holdEverywhere = (wanted: WantedPort, addresses: readonly string[], port: number): Held[] | Taken => {
  const held: Held[] = []
  let chosen = port
  try {
    for (const address of addresses) {
      const reserved = reserve(wanted, address, chosen)
      if (reserved === undefined) continue
      chosen = reserved.port
      const { protocol, container } = wanted
      held.push({
        port: { protocol, hostAddress: address, hostPort: chosen, containerPort: container },
        fd: reserved.fd,
      })
    }
    return held
  } catch (error) {
    for (const { fd } of held) closeSync(fd)
    if (errorCode(error) !== 'EADDRINUSE') throw error
    return { address: addresses[held.length] ?? '', port: chosen }
  }
}

/** undefined: a host without IPv6 has nothing to hold there, where nobody asked for it by name. */
const reserve = ({ protocol, address: asked }: WantedPort, address: string, port: number): ReservedPort | undefined => {
  try {
    return reservePort(protocol, address, port)
  } catch (error) {
    const code = errorCode(error)
    const absent = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
    if (!absent) throw error
    if (asked === undefined && address === '::') return undefined
    throw new RtError('RT_PORT_INVALID', `This host has no address ${address} to publish a port at`, {
      remedy: 'Give one that `ip addr` shows, or none.',
      cause: error,
    })
  }
}

const takenError = (
  layout: Layout,
  container: ContainerId,
  wanted: WantedPort,
  taken: Taken,
  others: readonly Held[],
): RtError => {
  const { protocol, host } = wanted
  if (!host) return new RtError('RT_PORT_TAKEN', `The host has no free ${protocol} port left to publish`)
  if (host.last > host.first)
    return new RtError(
      'RT_PORT_TAKEN',
      `None of the ${protocol} ports ${host.first} to ${host.last} of the host is free`,
    )
  const what = `The port ${taken.port}/${protocol} of the host`
  if (others.some(({ port }) => port.hostPort === taken.port && port.protocol === protocol))
    return new RtError('RT_PORT_INVALID', `${what} was given twice`, { remedy: 'Publish each port of the host once.' })
  const holder = holderOf(layout, container, protocol, taken.address, taken.port)
  return new RtError('RT_PORT_TAKEN', `${what} is in use${holder === undefined ? '' : ` by ${holder}`}`)
}
