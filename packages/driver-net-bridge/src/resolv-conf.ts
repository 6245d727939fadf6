/** Where systemd-resolved keeps the servers that it asks itself; /etc/resolv.conf then only names its stub, 127.0.0.53. */
export const RESOLVED_FILE = '/run/systemd/resolve/resolv.conf'

/**
 * The container's resolv.conf: the host's, less nameservers that mean another machine inside the container (loopback) or that
 * it cannot reach (IPv6). Where nothing is left, `resolved` is asked for its nameservers. Where that has none either
 * there is none: sending somebody's questions to a public resolver that nobody chose is not for a driver to decide.
 * Source of the format: resolv.conf(5).
 */
export const containerResolvConf = (
  host: string,
  resolved: () => string | undefined,
  dns: readonly string[],
): string => {
  const nameservers = dns.length > 0 ? dns : reachable(host, resolved)
  const head =
    nameservers.length > 0
      ? nameservers.map((address) => `nameserver ${address}`)
      : ["# none of the host's nameservers can be reached from a container: give one with --dns"]
  return [...head, ...host.split('\n').filter((line) => /^\s*(search|domain|options)\s/.test(line)), ''].join('\n')
}

const reachable = (host: string, resolved: () => string | undefined): readonly string[] => {
  const own = nameserversOf(host)
  return own.length > 0 ? own : nameserversOf(resolved() ?? '')
}

const nameserversOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] as string)
    .filter((address) => /^[\d.]+$/.test(address) && !address.startsWith('127.'))
