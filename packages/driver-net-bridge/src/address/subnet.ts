import { formatIpv4, parseIpv4 } from './ipv4.ts'

/** A range of addresses whose upper `prefix` bits are equal; `network` is the lowest of them. */
export interface Subnet {
  readonly network: number
  readonly prefix: number
}

export const sizeOf = ({ prefix }: Subnet): number => 2 ** (32 - prefix)

/** The bridge's own address: the first after the network's. */
export const gatewayOf = ({ network }: Subnet): number => network + 1

export const broadcastOf = (subnet: Subnet): number => subnet.network + sizeOf(subnet) - 1

/** The subnet that `address` lies in. */
export const subnetOf = (address: number, prefix: number): Subnet => {
  const size = 2 ** (32 - prefix)
  return { network: Math.floor(address / size) * size, prefix }
}

/** `172.16.0.0/16`; host bits are dropped, so that an interface's address gives the subnet that it is connected to. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const match = /^([\d.]+)\/(\d|[12]\d|3[012])$/.exec(text)
  const address = match === null ? undefined : parseIpv4(match[1] as string)
  return address === undefined ? undefined : subnetOf(address, Number(match?.[2]))
}

export const formatSubnet = ({ network, prefix }: Subnet): string => `${formatIpv4(network)}/${prefix}`

export const overlaps = (a: Subnet, b: Subnet): boolean => a.network <= broadcastOf(b) && b.network <= broadcastOf(a)

export const contains = (subnet: Subnet, address: number): boolean =>
  address >= subnet.network && address <= broadcastOf(subnet)
