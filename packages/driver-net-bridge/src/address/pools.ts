import { type Subnet, subnetOf } from './subnet.ts'

const octets = (a: number, b: number, c: number): number => ((a * 256 + b) * 256 + c) * 256
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/**
 * Subnets that a bridge may get by itself, in the order in which they are tried: private ranges of RFC 1918, the ones that home
 * routers and company networks use most (192.168.0/1/100/178, 10.0) late or not at all.
 */
export const POOLS: readonly Subnet[] = [
  ...range(16, 31).map((second) => subnetOf(octets(172, second, 0), 16)),
  ...range(200, 254).map((second) => subnetOf(octets(10, second, 0), 16)),
  ...range(200, 254).map((third) => subnetOf(octets(192, 168, third), 24)),
]
