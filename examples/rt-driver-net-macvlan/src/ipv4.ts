/** IPv4 addresses are unsigned numbers, because ranges of them are counted through. */
export const parseIpv4 = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((address, part) => address * 256 + Number(part), 0)
}

export const formatIpv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

export interface Subnet {
  readonly first: number
  readonly prefix: number
}

/** CIDR without host bits, /1 to /30; undefined: it is none. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const [address = '', length = ''] = text.split('/')
  const first = parseIpv4(address)
  const prefix = Number(length)
  if (first === undefined || !/^\d{1,2}$/.test(length) || prefix < 1 || prefix > 30) return undefined
  return first % size({ first, prefix }) === 0 ? { first, prefix } : undefined
}

export const formatSubnet = ({ first, prefix }: Subnet): string => `${formatIpv4(first)}/${prefix}`

export const size = ({ prefix }: Subnet): number => 2 ** (32 - prefix)

export const contains = (subnet: Subnet, address: number): boolean =>
  address >= subnet.first && address < subnet.first + size(subnet)

export const isWithin = (inner: Subnet, outer: Subnet): boolean =>
  inner.prefix >= outer.prefix && contains(outer, inner.first)

/** The subnet of an address with prefix length, as the kernel shows it. */
export const subnetOf = (text: string): Subnet | undefined => {
  const [address = '', length = ''] = text.split('/')
  const number = parseIpv4(address)
  const prefix = Number(length)
  if (number === undefined || prefix < 1 || prefix > 30) return undefined
  return { first: number - (number % 2 ** (32 - prefix)), prefix }
}
