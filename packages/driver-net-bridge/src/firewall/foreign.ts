import { existsSync, readFileSync } from 'node:fs'
import { capture, findProgram } from '@rt/native'
import { isNftFrontEnd } from './front-end.ts'
import { foreignDrops, isIptables } from './nft-list.ts'

/**
 * What rt's rules cannot overrule, as a sentence that says what to do: a packet passes when every table lets it pass, and these drop by
 * default what is forwarded. undefined: nothing of the kind is there.
 */
export const foreignAdvice = (): string | undefined => {
  const nft = findProgram('nft') === undefined ? [] : foreignDrops().filter((drop) => !isIptables(drop))
  const places = [
    ...nft.map(({ family, table, chain }) => `the chain ${chain} of nftables' table ${family} ${table}`),
    ...(['ip', 'ip6'] as const).filter(isLegacyDropping).map((family) => `${LEGACY[family]}'s FORWARD`),
  ]
  if (places.length === 0) return undefined
  return `What is forwarded is dropped in ${places.join(' and in ')}, which rt's rules cannot overrule: accept there what comes from and goes to rt's bridges.`
}

const LEGACY = { ip: 'iptables-legacy', ip6: 'ip6tables-legacy' } as const

/** Looking at it by iptables-legacy would make it. */
export const hasLegacyFilter = (family: keyof typeof LEGACY): boolean => {
  const path = `/proc/net/${family}_tables_names`
  return existsSync(path) && readFileSync(path, 'utf8').split('\n').includes('filter')
}

/** Of the front end that this machine's iptables is not: of the other one rt's own rules are part. */
const isLegacyDropping = (family: keyof typeof LEGACY): boolean =>
  hasLegacyFilter(family) &&
  isNftFrontEnd() &&
  findProgram(LEGACY[family]) !== undefined &&
  capture(LEGACY[family], '-w', '-S', 'FORWARD').startsWith('-P FORWARD DROP')
