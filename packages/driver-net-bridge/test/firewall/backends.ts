import { existsSync } from 'node:fs'
import type { LabOptions } from './lab.ts'

const hasLegacy = existsSync('/usr/sbin/iptables-legacy')

/** The same tests for each. */
export const BACKENDS: readonly (LabOptions & { readonly name: string })[] = [
  { name: 'iptables', backend: 'iptables' },
  ...(hasLegacy ? [{ name: 'iptables-legacy', backend: 'iptables', legacy: true } as const] : []),
  { name: 'nftables', backend: 'nftables' },
  ...(hasLegacy ? [{ name: 'nftables beside iptables-legacy', backend: 'nftables', legacy: true } as const] : []),
]
