import type { HostStep } from '@rt/driver-api'
import type { SavedRules } from './saved.ts'
import { commandStep, type StepContext } from './steps.ts'
import {
  bridgeUnits,
  type Family,
  forwardChain,
  SHARED,
  type SharedChain,
  sharedUnits,
  type Table,
  type Unit,
  USER,
} from './units.ts'

/** Takes our chains of bridges away again, with all that leads to them; nothing where there is nothing. */
export const removalSteps = (bridges: readonly string[], saved: SavedRules, context: StepContext): HostStep[] => {
  const units = bridges.flatMap((bridge) => unitsEver(bridge, context.family))
  const gone = new Set(bridges.map(forwardChain))
  const others = saved.chains('filter').some((name) => name.startsWith(forwardChain('')) && !gone.has(name))
  const all = others ? units : [...units, ...sharedUnits(context.family, false)]
  const shared = others ? [] : SHARED.filter((each) => isOurs(each, saved))
  const chains = unique([...all, ...shared]).filter(({ table, chain }) => saved.rules(table, chain) !== undefined)
  const going = new Set(chains.map(keyOf))
  // Of chains that stay. A rule is not named besides where its chain is emptied: iptables-nft would then take neither away in time.
  const lines = unique(
    all.flatMap(({ table, lines, former = [] }) => [...lines, ...former].map((line) => ({ table, ...line }))),
  )
    .filter((line) => !going.has(keyOf(line)))
    .flatMap(({ table, chain, rule }) =>
      (saved.rules(table, chain) ?? []).flatMap((each) =>
        each === rule ? [{ table, words: `-D ${chain} ${rule}` }] : [],
      ),
    )
  const commands = [
    ...lines,
    // All are emptied before one is deleted: they lead to each other.
    ...chains.filter(({ chain }) => chain !== USER).map(({ table, chain }) => ({ table, words: `-F ${chain}` })),
    ...chains.map(({ table, chain }) => ({ table, words: `-X ${chain}` })),
  ]
  if (commands.length === 0) return []
  const why = `The chains of ${bridges.join(', ')} are rt's own, and no container needs them any more.`
  // Not counted: after it no note of a bridge is to be believed, whoever comes between it and the note's own end.
  return [{ ...commandStep(byTable(commands), context, why), counts: 0 }]
}

/** The user's chain goes only where it is empty. */
const isOurs = ({ table, chain }: SharedChain, saved: SavedRules): boolean =>
  chain !== USER || saved.rules(table, chain)?.length === 0

const keyOf = ({ table, chain }: SharedChain): string => `${table} ${chain}`

const unique = <T extends SharedChain & { readonly rule?: string }>(all: readonly T[]): readonly T[] => [
  ...new Map(all.map((each) => [`${keyOf(each)} ${each.rule ?? ''}`, each])).values(),
]

const byTable = (commands: readonly { readonly table: Table; readonly words: string }[]) => {
  const result: Partial<Record<Table, string[]>> = {}
  for (const { table, words } of commands) {
    result[table] ??= []
    result[table].push(words)
  }
  return result
}

/** `former`: with all lines that a bridge can have had. */
const unitsEver = (bridge: string, family: Family): readonly Unit[] =>
  bridgeUnits({ bridge, subnets: { v4: '0.0.0.0/0', v6: '::/0' }, masquerade: true, internal: false }, family, true)
