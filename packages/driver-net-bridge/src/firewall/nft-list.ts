import { capture } from '@rt/native'
import { TABLE, USER } from './nft-table.ts'

interface Entry {
  readonly table?: { readonly family: string; readonly name: string }
  readonly chain?: {
    readonly family: string
    readonly table: string
    readonly name: string
    readonly hook?: string
    readonly policy?: string
  }
  readonly rule?: { readonly chain: string }
}

const list = (...words: readonly string[]): readonly Entry[] =>
  (JSON.parse(capture('nft', '-j', 'list', ...words)) as { readonly nftables: readonly Entry[] }).nftables

/** What is in our table; undefined: there is none. */
export interface OwnTable {
  readonly chains: readonly string[]
  /** The user has rules in it. */
  readonly userRules: boolean
}

export const ownTable = (): OwnTable | undefined => {
  if (!list('tables').some(({ table }) => table?.family === 'inet' && table.name === TABLE)) return undefined
  const entries = list('table', 'inet', TABLE)
  return {
    chains: entries.flatMap(({ chain }) => (chain === undefined ? [] : [chain.name])),
    userRules: entries.some(({ rule }) => rule?.chain === USER),
  }
}

/** A chain of somebody else's that drops by default what is forwarded; ours cannot overrule it. */
export interface ForeignDrop {
  readonly family: string
  readonly table: string
  readonly chain: string
}

export const foreignDrops = (): readonly ForeignDrop[] =>
  list('chains').flatMap(({ chain }) =>
    chain?.hook === 'forward' && chain.policy === 'drop' && chain.table !== TABLE
      ? [{ family: chain.family, table: chain.table, chain: chain.name }]
      : [],
  )

/** The chain that iptables-nft(8) keeps. */
export const isIptables = ({ family, table, chain }: ForeignDrop): boolean =>
  ['ip', 'ip6'].includes(family) && table === 'filter' && chain === 'FORWARD'
