import type { InspectedNetwork } from '@rt/runtime'

/** `network inspect`'s form: Docker's field names. */
export const networkInspectView = (network: InspectedNetwork): Record<string, unknown> => {
  const { name, id, driver, created, labels, definition, subnets, users } = network
  return {
    Name: name,
    Id: id,
    Created: created ?? '0001-01-01T00:00:00Z',
    Scope: 'local',
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6:
      definition?.ipv6 ?? (subnets.some(isIpv6) || users.some(({ connected }) => addressOf(connected, true) !== '')),
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: subnets.map(({ subnet, gateway, ipRange }) => ({
        Subnet: subnet,
        ...(ipRange !== undefined && { IPRange: ipRange }),
        Gateway: gateway,
      })),
    },
    Internal: definition?.internal ?? false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      users.map(({ record, connected }) => [
        record.id,
        {
          Name: record.name,
          MacAddress: interfaceOf(connected)?.mac ?? '',
          IPv4Address: addressOf(connected, false),
          IPv6Address: addressOf(connected, true),
          // Not Docker's.
          Interface: interfaceOf(connected)?.name ?? '',
          Aliases: connected.aliases,
        },
      ]),
    ),
    Options: definition?.options ?? {},
    Labels: labels,
  }
}

const isIpv6 = ({ subnet }: { readonly subnet: string }): boolean => subnet.includes(':')

type Connected = InspectedNetwork['users'][number]['connected']

const interfaceOf = ({ attachment }: Connected) => attachment.interfaces.find(({ name }) => name !== 'lo')

/** With prefix length, as in Docker. */
const addressOf = (connected: Connected, v6: boolean): string =>
  interfaceOf(connected)?.addresses.find((address) => address.includes(':') === v6) ?? ''
