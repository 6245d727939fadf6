import { type HostStep, isRtError } from '@rt/driver-api'
import type { FirewalledBridge } from '../firewall.ts'
import { hasLegacyFilter } from '../foreign.ts'
import { isNftFrontEnd } from '../front-end.ts'
import { gapsOf } from '../iptables/gaps.ts'
import { look } from '../iptables/look.ts'
import { removalSteps } from '../iptables/removal.ts'
import type { SavedRules } from '../iptables/saved.ts'
import { contentStep, guardStep } from '../iptables/steps.ts'
import { type Family, passageUnit, subnetOf } from '../iptables/units.ts'
import { foreignDrops, isIptables } from '../nft-list.ts'

/**
 * A packet passes when every table lets it pass: an accept in ours does not help where iptables' FORWARD drops, as it does beside Docker.
 * There, and only there, a chain of ours in iptables accepts what the rules of our own table let pass as well. What another
 * program's table drops cannot be helped from here; `probe` tells.
 */
export const acceptSteps = (bridges: readonly FirewalledBridge[], lock: string): readonly HostStep[] => {
  const nft = foreignDrops().filter(isIptables)
  return FAMILIES.flatMap((family) => {
    const here = bridges.filter((bridge) => subnetOf(bridge, family) !== undefined)
    const isDropping = nft.some((drop) => drop.family === NFT_FAMILY[family]) || hasLegacyFilter(NFT_FAMILY[family])
    const saved = here.length > 0 && isDropping ? lookIfThere(family) : undefined
    if (saved?.policy('filter', 'FORWARD') !== 'DROP') return []
    const gaps = gapsOf(here.map(passageUnit), saved)
    return [
      ...guardStep(gaps, [], { family, lock, counted: isNftFrontEnd() }),
      ...contentStep(gaps, { family, lock, counted: isNftFrontEnd() }),
    ]
  })
}

/** Also what is left of rt's from a time when it was told to use iptables. */
export const removeAcceptSteps = (bridges: readonly string[], lock: string): readonly HostStep[] =>
  FAMILIES.flatMap((family) => {
    const saved = lookIfThere(family)
    return saved === undefined ? [] : removalSteps(bridges, saved, { family, lock, counted: isNftFrontEnd() })
  })

const FAMILIES: readonly Family[] = [4, 6]
const NFT_FAMILY = { 4: 'ip', 6: 'ip6' } as const

const lookIfThere = (family: Family): SavedRules | undefined => {
  try {
    return look(family)
  } catch (error) {
    // Then it is not iptables who drops, whatever the table's name.
    if (isRtError(error) && error.code === 'RT_TOOL_MISSING') return undefined
    throw error
  }
}
