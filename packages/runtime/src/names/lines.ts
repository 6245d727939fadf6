import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { isName } from '../store/find.ts'

/** A network in which a container has addresses, without prefix length. */
export interface NamedNetwork {
  readonly name: string
  readonly addresses: readonly string[]
  /** `--network-alias` */
  readonly aliases?: readonly string[]
}

/** What a container is called. */
export interface Names {
  readonly id: ContainerId
  readonly name: string
  /** undefined: the user gave none, or others must not find it by that. */
  readonly hostname?: string | undefined
  /** With it in front of its domain it has one more name, the first. */
  readonly domainname?: string | undefined
}

/** A step's marker has twelve characters, too. */
export const markerOf = (id: ContainerId): string => shortId(id)

/** Names that every hosts file has for something else. */
const RESERVED = /^(localhost|ip6-(localhost|loopback|localnet|mcastprefix|allnodes|allrouters))$/i

/** With address and marker it stays below the 1024 bytes that a line may have. */
const MOST_NAMES = 900

/**
 * Lines of hosts(5) that make a container known in a network. The first name is the one that reverse lookups give: a hostname that somebody
 * chose, which `hostname -f` inside is to say, or the container's name.
 *
 * @throws RtError RT_USAGE for an alias that is no name
 */
export const hostsLines = (
  { id, name, hostname, domainname }: Names,
  { addresses, aliases = [] }: NamedNetwork,
): string[] => {
  const wrong = aliases.find((alias) => !isName(alias))
  if (wrong !== undefined) throw new RtError('RT_USAGE', `--network-alias: "${wrong}" is not a name`)
  const chosen = hostname === undefined ? [] : [hostname]
  const whole = domainname === undefined ? [] : [`${hostname ?? shortId(id)}.${domainname}`]
  const names = [...new Set([...whole, ...chosen, name, ...aliases, shortId(id)])].filter(
    (name) => !RESERVED.test(name),
  )
  return addresses.flatMap((address) => chunks(names).map((part) => `${address}\t${part.join(' ')}\t# ${markerOf(id)}`))
}

const chunks = (names: readonly string[]): string[][] => {
  const parts: string[][] = [[]]
  let room = MOST_NAMES
  for (const name of names) {
    room -= name.length + 1
    if (room < 0) {
      parts.push([])
      room = MOST_NAMES - name.length - 1
    }
    parts.at(-1)?.push(name)
  }
  return parts
}
