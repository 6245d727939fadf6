/** Where systemd-resolved keeps the servers that it asks itself; /etc/resolv.conf then only names its stub, 127.0.0.53. */
export const RESOLVED_FILE = '/run/systemd/resolve/resolv.conf'

/** What a container can reach. */
export interface Reach {
  readonly ipv6: boolean
  /** Nothing but its own network. */
  readonly internal: boolean
}

/**
 * The container's resolv.conf: the host's, less nameservers that mean another machine inside the container (loopback, link-local) or that
 * it cannot reach (IPv6 without IPv6, everything from an internal network). Where nothing is left, `resolved` is asked for its nameservers. Where that has none either
 * there is none: sending somebody's questions to a public resolver that nobody chose is not for a driver to decide.
 * Source of the format: resolv.conf(5).
 */
export const containerResolvConf = (
  host: string,
  resolved: () => string | undefined,
  dns: readonly string[],
  reach: Reach = { ipv6: false, internal: false },
): string => {
  const nameservers = dns.length > 0 ? dns : reachable(host, resolved, reach)
  const head =
    nameservers.length > 0
      ? nameservers.map((address) => `nameserver ${address}`)
      : ["# none of the host's nameservers can be reached from a container: give one with --dns"]
  return [...head, ...host.split('\n').filter((line) => /^\s*(search|domain|options)\s/.test(line)), ''].join('\n')
}

const reachable = (host: string, resolved: () => string | undefined, reach: Reach): readonly string[] => {
  if (reach.internal) return []
  const own = nameserversOf(host, reach)
  return own.length > 0 ? own : nameserversOf(resolved() ?? '', reach)
}

const nameserversOf = (text: string, { ipv6 }: Reach): readonly string[] =>
  [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] as string)
    .filter((address) => (address.includes(':') ? ipv6 && isReachable6(address) : isReachable4(address)))

const isReachable4 = (address: string): boolean => /^[\d.]+$/.test(address) && !address.startsWith('127.')

/** Link-local addresses, with the zone that they need, mean an interface of the host's. */
const isReachable6 = (address: string): boolean =>
  address !== '::1' && !address.includes('%') && !/^(fe[89ab]|::ffff:127\.)/i.test(address)
