import { type Subnet, subnetOf } from './subnet.ts'

const octets = (a: number, b: number, c: number): number => ((a * 256 + b) * 256 + c) * 256
const range = (from: number, to: number, by = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by)

/**
 * Subnets that the driver's own bridge may get by itself, in the order in which they are tried: private ranges of RFC 1918, the ones that
 * home routers and company networks use most (192.168.0/1/100/178, 10.0) late or not at all. Those that defined networks get come last:
 * the own bridge chooses without knowing of networks that no container has used yet.
 */
export const POOLS: readonly Subnet[] = [
  subnetOf(octets(172, 16, 0), 16),
  ...range(200, 254).map((second) => subnetOf(octets(10, second, 0), 16)),
  ...range(200, 254).map((third) => subnetOf(octets(192, 168, third), 24)),
  ...range(17, 31).map((second) => subnetOf(octets(172, second, 0), 16)),
]

/** Subnets that a defined network may get by itself: Docker's, less those of common home routers, and more of them than its thirty-one. */
export const NETWORK_POOLS: readonly Subnet[] = [
  ...range(17, 31).map((second) => subnetOf(octets(172, second, 0), 16)),
  ...range(16, 80, 16).map((third) => subnetOf(octets(192, 168, third), 20)),
  ...range(112, 160, 16).map((third) => subnetOf(octets(192, 168, third), 20)),
  ...range(100, 199).map((second) => subnetOf(octets(10, second, 0), 16)),
]
