import { formatIpv6, parseIpv6 } from './ipv6.ts'

/** A range of IPv6 addresses whose upper `prefix` bits are equal; `network` is the lowest of them. */
export interface Subnet6 {
  readonly network: bigint
  readonly prefix: number
}

export const sizeOf6 = ({ prefix }: Subnet6): bigint => 1n << BigInt(128 - prefix)

/** The bridge's own address: the first after the network's. */
export const gatewayOf6 = ({ network }: Subnet6): bigint => network + 1n

/** `fd00::/64`; host bits are dropped, so that an interface's address gives the subnet that it is connected to. */
export const parseSubnet6 = (text: string): Subnet6 | undefined => {
  const match = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(text)
  const address = match === null ? undefined : parseIpv6(match[1] as string)
  const prefix = Number(match?.[2])
  if (address === undefined || prefix > 128) return undefined
  const size = sizeOf6({ network: 0n, prefix })
  return { network: (address / size) * size, prefix }
}

export const formatSubnet6 = ({ network, prefix }: Subnet6): string => `${formatIpv6(network)}/${prefix}`

export const overlaps6 = (a: Subnet6, b: Subnet6): boolean =>
  a.network < b.network + sizeOf6(b) && b.network < a.network + sizeOf6(a)

export const contains6 = (subnet: Subnet6, address: bigint): boolean =>
  address >= subnet.network && address < subnet.network + sizeOf6(subnet)

export const isLinkLocal = (address: bigint): boolean => address >> 118n === 0xfe80n >> 6n
