import { existsSync, readFileSync } from 'node:fs'
import type { Subnet6 } from './subnet6.ts'

/**
 * A unique local /64 (RFC 4193) for a network: the same at every start, because it is made of the machine's id and the network's name.
 * `attempt` gives another one where the first is in use.
 */
export const localSubnet = (machine: string, network: string, attempt = 0): Subnet6 => {
  // Loaded here: hashing is for networks that are made, not for starts.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const digest = createHash('sha256').update(`rt\0${machine}\0${network}\0${attempt}`).digest()
  return { network: ((0xfdn << 56n) | BigInt(`0x${digest.toString('hex', 0, 7)}`)) << 64n, prefix: 64 }
}

/** machine-id(5); the host's name where there is none, as in some containers. */
export const machineId = (): string =>
  (existsSync('/etc/machine-id') && readFileSync('/etc/machine-id', 'utf8').trim()) ||
  process.getBuiltinModule('node:os').hostname()
