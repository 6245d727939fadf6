import { type Gap, gapsOf } from './gaps.ts'
import type { Chain } from './rules.ts'
import { parseSaved } from './saved.ts'

export interface FirewallCheck {
  readonly gaps: readonly Gap[]
  /** Set where nothing is missing and any later change would show in the generation. */
  readonly generation?: number
}

/**
 * Looks at the real rules, which costs a process (4 ms). The generation is read on both sides of it: when somebody changed rules in between
 * we cannot tell whether before or after we looked. iptables-legacy's rules are not counted by any generation.
 */
export const checkFirewall = (
  chains: readonly Chain[],
  save: () => string,
  generation: () => number | undefined,
): FirewallCheck => {
  const before = generation()
  const saved = parseSaved(save())
  const gaps = gapsOf(chains, saved)
  if (gaps.length > 0 || !saved.nft || before === undefined || generation() !== before) return { gaps }
  return { gaps, generation: before }
}
