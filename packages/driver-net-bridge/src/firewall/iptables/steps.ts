import type { HostStep, StepFailure } from '@rt/driver-api'
import type { Gap } from './gaps.ts'
import type { Family, Line, SharedChain, Table } from './units.ts'

/** What a step needs to know besides its rules. */
export interface StepContext {
  readonly family: Family
  /** Held while a program changes rules; its number counts the transactions, where the kernel's generation counts them as well. */
  readonly lock: string
  readonly counted: boolean
}

type ExecStep = HostStep & { readonly op: 'exec' }
type Lines = Partial<Record<Table, readonly string[]>>

export const program = (family: Family): 'iptables' | 'ip6tables' => (family === 4 ? 'iptables' : 'ip6tables')

/**
 * Makes what is missing of chains and of the way to them; fails, as a whole and for nothing, where another start was faster.
 *
 * iptables-restore has no "if". What it has is that a batch is one transaction that fails as a whole, that `-N` fails when the chain is
 * there, and that a chain which is jumped to cannot be deleted. So deleting ours first makes "add the jump" fail exactly when the jump is
 * there: compare and swap. Lines that do not jump to the chain are in the same transaction, and come and go with the jump.
 */
export const guardStep = (
  gaps: readonly Gap[],
  shared: readonly SharedChain[],
  context: StepContext,
): readonly HostStep[] => {
  const wanted = gaps.filter((gap) => gap.lines)
  if (wanted.length === 0 && shared.length === 0) return []
  const batch = join([
    ...shared.map(({ table, chain }): Lines => ({ [table]: [`-N ${chain}`] })),
    ...wanted.map(
      ({ unit, present }): Lines => ({
        [unit.table]: [
          ...present.map((line) => `-D ${line.chain} ${line.rule}`),
          `:${unit.chain} - [0:0]`,
          `-X ${unit.chain}`,
          ...(unit.rules.length > 0 ? [`-N ${unit.chain}`, ...unit.lines.map(adding)] : []),
        ],
      }),
    ),
  ])
  const call = (table: Table, words: string) => `${program(context.family)} -w -t ${table} ${words}`
  return [
    {
      ...restoreStep(
        batch,
        context,
        'Makes chains of rt\u2019s own; all that others see in theirs is one jump to each of them.',
      ),
      // Another start that was faster is fine; every other cause fails the next step as well, and there it counts.
      allowFailure: true,
      shell: [
        ...shared.map(({ table, chain }) => `${call(table, `-N ${chain}`)} 2>/dev/null || true`),
        ...wanted.flatMap(({ unit }) => [
          `${call(unit.table, `-N ${unit.chain}`)} 2>/dev/null || true`,
          ...unit.lines.map(
            (line) =>
              `${call(unit.table, `-C ${line.chain} ${line.rule}`)} 2>/dev/null || ${call(unit.table, adding(line))}`,
          ),
        ]),
      ],
    },
  ]
}

/** Writes the content of our chains: in a batch `:CHAIN` makes or empties it, so what follows is all of it. */
export const contentStep = (gaps: readonly Gap[], context: StepContext): readonly HostStep[] => {
  const wanted = gaps.filter(({ unit }) => unit.rules.length > 0)
  if (wanted.length === 0) return []
  const batch = join(
    wanted.map(({ unit, lines }): Lines => {
      const [jump] = unit.lines
      return {
        [unit.table]: [
          `:${unit.chain} - [0:0]`,
          ...unit.rules.map((rule) => `-A ${unit.chain} ${rule}`),
          // Taken out and put back: that fails where it is missing, so that a guard step which failed is noticed.
          ...(lines ? [`-D ${jump.chain} ${jump.rule}`, adding(jump)] : []),
        ],
      }
    }),
  )
  const name = `${program(context.family)} -w`
  return [
    {
      ...restoreStep(batch, context, wanted.map(({ unit }) => unit.why).join(' ')),
      shell: wanted.flatMap(({ unit: { table, chain, rules } }) => [
        `${name} -t ${table} -N ${chain} 2>/dev/null || ${name} -t ${table} -F ${chain}`,
        ...rules.map((rule) => `${name} -t ${table} -A ${chain} ${rule}`),
      ]),
    },
  ]
}

/** Commands of iptables(8), less the table, in one transaction for each table. */
export const commandStep = (lines: Lines, context: StepContext, why: string): ExecStep => ({
  ...restoreStep(lines, context, why),
  shell: tables(lines).flatMap(([table, words]) =>
    words.map((line) => `${program(context.family)} -w -t ${table} ${line}`),
  ),
})

const restoreStep = (batch: Lines, { family, lock, counted }: StepContext, why: string): ExecStep => ({
  where: 'host',
  op: 'exec',
  argv: [`${program(family)}-restore`, '--noflush', '-w'],
  stdin: tables(batch)
    .map(([table, lines]) => [`*${table}`, ...lines, 'COMMIT', ''].join('\n'))
    .join(''),
  // The nft front end has no lock of its own (its -w does nothing), and a batch that deletes a rule which another one replaces in the same
  // moment fails with ENOENT.
  lock,
  counts: counted ? tables(batch).length : 0,
  why,
  see: 'iptables-extensions(8)',
  shared: true,
  failure: { '*': refused(program(family)) },
})

const adding = ({ chain, rule, at }: Line): string => (at === 'top' ? `-I ${chain} 1 ${rule}` : `-A ${chain} ${rule}`)

const tables = (lines: Lines): [Table, readonly string[]][] => Object.entries(lines) as [Table, readonly string[]][]

const join = (all: readonly Lines[]): Lines => {
  const result: Partial<Record<Table, string[]>> = {}
  for (const [table, lines] of all.flatMap(tables)) {
    result[table] ??= []
    result[table].push(...lines)
  }
  return result
}

const refused = (name: string): StepFailure => ({
  code: 'RT_NET_NO_FIREWALL',
  message: `${name} did not take rt\u2019s rules.`,
  remedy: 'Install the package iptables, and see what `rt doctor` says about the bridge driver.',
})
