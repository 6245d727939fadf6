import type { NetworkInterface } from '@rt/driver-api'
import { CONTAINER_MODE, type ConnectedNetwork, type Container, portMap } from '@rt/runtime'

/**
 * Docker's `NetworkSettings`. A container that does not run has given its addresses back.
 *
 * @param idOf a network's id: those of drivers' own are not in the record
 */
export const networkView = (
  container: Container,
  idOf: (network: ConnectedNetwork) => string,
): Record<string, unknown> => {
  const { record, state } = container
  const running = state.pid !== 0
  const [first] = record.networks
  return {
    // For nsenter --net; there is no name of the namespace but this.
    SandboxKey: running ? `/proc/${state.pid}/ns/net` : '',
    Ports: portMap(container),
    ...endpoint(running ? mainInterface(first) : undefined),
    Networks: Object.fromEntries(
      record.networks
        .filter(({ driver }) => driver !== CONTAINER_MODE)
        .map((network) => [
          network.name,
          {
            IPAMConfig: ipam(network),
            Aliases: network.aliases.length > 0 ? network.aliases : null,
            NetworkID: idOf(network),
            ...endpoint(running ? mainInterface(network) : undefined),
          },
        ]),
    ),
    // Not Docker's.
    Driver: first?.driver ?? 'none',
    Interfaces: running ? record.networks.flatMap(({ attachment }) => attachment.interfaces) : [],
  }
}

const ipam = ({ ip, ip6 }: ConnectedNetwork): Record<string, string> | null =>
  ip === undefined && ip6 === undefined
    ? null
    : { ...(ip !== undefined && { IPv4Address: ip }), ...(ip6 !== undefined && { IPv6Address: ip6 }) }

const mainInterface = (network: ConnectedNetwork | undefined): NetworkInterface | undefined =>
  network?.attachment.interfaces.find(({ name }) => name !== 'lo')

/** One interface in Docker's words. */
const endpoint = (link: NetworkInterface | undefined): Record<string, unknown> => {
  const [ip, prefix] = split(link?.addresses.find((address) => !address.includes(':')))
  const [ip6, prefix6] = split(link?.addresses.find((address) => address.includes(':')))
  return {
    IPAddress: ip,
    IPPrefixLen: prefix,
    Gateway: link?.gateway ?? '',
    IPv6Gateway: link?.gateway6 ?? '',
    GlobalIPv6Address: ip6,
    GlobalIPv6PrefixLen: prefix6,
    MacAddress: link?.mac ?? '',
  }
}

const split = (cidr = ''): [address: string, prefix: number] => {
  const [address = '', prefix = '0'] = cidr.split('/')
  return [address, Number(prefix)]
}
