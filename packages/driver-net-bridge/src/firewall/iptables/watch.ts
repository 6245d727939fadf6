import { type NftChain, nftRules } from '@rt/native'
import type { FirewalledBridge } from '../firewall.ts'
import { bridgeUnits, type Family, sharedUnits, subnetOf } from './units.ts'

/**
 * The rules that a complete bridge needs, as nf_tables has them: equal texts are equal rules. Asked of the kernel, which takes a tenth of
 * what a run of iptables-save does, where somebody has changed some rule but hardly one of these. Of chains that others have rules in
 * as well only those are taken that name ours or the bridge.
 */
export const ruleTexts = (wanted: FirewalledBridge, localnet: boolean): string =>
  nftRules(FAMILIES.flatMap((family) => chainsOf(wanted, family, localnet))).join('\n')

const FAMILIES: readonly Family[] = [4, 6]

const chainsOf = (wanted: FirewalledBridge, of: Family, localnet: boolean): readonly NftChain[] => {
  if (subnetOf(wanted, of) === undefined) return []
  const family = of === 4 ? 'ip' : 'ip6'
  return [...sharedUnits(of, false), ...bridgeUnits(wanted, of, localnet)].flatMap(({ table, chain, lines }) => [
    { family, table, chain },
    ...lines.map((line) => {
      const jumpTo = line.rule.endsWith(`-j ${chain}`) ? chain : wanted.bridge
      return { family, table, chain: line.chain, jumpTo } as const
    }),
  ])
}
