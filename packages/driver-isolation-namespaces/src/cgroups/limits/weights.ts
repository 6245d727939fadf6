/**
 * `cpu.shares` (2 to 262144) as `cpu.weight` (1 to 10000), as runc and crun convert: a curve through (2, 1), (1024, 100) and (262144, 10000),
 * so that the default of the one is the default of the other.
 */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const bits = Math.log2(shares)
  return Math.ceil(10 ** ((bits * bits + 125 * bits) / 612 - 7 / 34))
}

/** `blkio.weight` (10 to 1000) as `io.weight` (1 to 10000), by the OCI runtime specification. BFQ's own file takes 1 to 1000 as it is. */
export const ioWeight = (weight: number): number => Math.floor(1 + ((weight - 10) * 9999) / 990)
