import type { Chain } from './rules.ts'
import type { SavedRules } from './saved.ts'

/** What a chain lacks. */
export interface Gap {
  readonly chain: Chain
  /** The jump from the built-in chain is missing. */
  readonly jump: boolean
}

/** The chains whose rules, or the way to them, are not as they should be. Rules of others are never looked at. */
export const gapsOf = (chains: readonly Chain[], saved: SavedRules): readonly Gap[] =>
  chains.flatMap((chain) => {
    const present = saved.rules(chain.table, chain.name)
    const jumps = (saved.rules(chain.table, chain.builtin) ?? []).includes(`-j ${chain.name}`)
    const same = present?.join('\n') === chain.rules.join('\n')
    if (chain.rules.length === 0) return present === undefined || same ? [] : [{ chain, jump: false }]
    return same && jumps ? [] : [{ chain, jump: !jumps }]
  })
