import type { HostStep, NetnsStep, StepFailure } from '@rt/driver-api'
import type { Gap } from './gaps.ts'
import type { Chain } from './rules.ts'
import type { SavedRules } from './saved.ts'

const RESTORE = ['iptables-restore', '--noflush', '-w'] as const

/**
 * Steps that close the gaps; right also when any number of starts perform them one after another, each with what it saw before.
 *
 * A chain's rules are idempotent: in a batch, `:CHAIN` makes it or empties it, so what follows is its whole content. A jump is not, and
 * iptables-restore has no "if". What it has is that a batch is one transaction that fails as a whole, and that a chain which is
 * jumped to cannot be deleted. So deleting ours first makes "add the jump" fail exactly when the jump is there: compare and swap.
 */
export const firewallSteps = (bridge: string, gaps: readonly Gap[]): readonly HostStep[] => {
  if (gaps.length === 0) return []
  const failure = { '*': refused(bridge) }
  return [
    ...gaps.filter((gap) => gap.jump).map(({ chain }) => jumpStep(chain, failure)),
    {
      where: 'host',
      op: 'exec',
      argv: [...RESTORE],
      stdin: inTables(gaps.map((gap) => ({ table: gap.chain.table, lines: contentLines(gap) }))),
      shell: gaps.flatMap(contentShell),
      why: gaps.map((gap) => gap.chain.why).join(' '),
      see: 'iptables-extensions(8)',
      shared: true,
      failure,
    },
  ]
}

/** Takes our chains of a bridge away again, with all jumps to them; nothing where there are none. */
export const removalSteps = (bridge: string, chains: readonly Chain[], saved: SavedRules): readonly HostStep[] => {
  const present = chains.filter((chain) => saved.rules(chain.table, chain.name) !== undefined)
  if (present.length === 0) return []
  const batches = present.map((chain) => {
    const jumps = (saved.rules(chain.table, chain.builtin) ?? []).filter((rule) => rule === `-j ${chain.name}`)
    const lines = [...jumps.map((jump) => `-D ${chain.builtin} ${jump}`), `-F ${chain.name}`, `-X ${chain.name}`]
    return { table: chain.table, lines }
  })
  return [
    {
      where: 'host',
      op: 'exec',
      argv: [...RESTORE],
      stdin: inTables(batches),
      shell: batches.flatMap(({ table, lines }) => lines.map((line) => `iptables -w -t ${table} ${line}`)),
      why: `The chains of ${bridge} are rt's own, and no container needs them any more.`,
      failure: { '*': refused(bridge) },
    },
  ]
}

const jumpStep = (chain: Chain, failure: Readonly<Record<string, StepFailure>>): HostStep => {
  const { table, builtin, name } = chain
  return {
    where: 'host',
    op: 'exec',
    argv: [...RESTORE],
    stdin: inTables([{ table, lines: [`:${name} - [0:0]`, `-X ${name}`, `-N ${name}`, `-I ${builtin} 1 -j ${name}`] }]),
    // Fails when another start was faster, which is fine; every other cause fails the next step as well, and there it counts.
    allowFailure: true,
    shell: [
      `iptables -w -t ${table} -N ${name} 2>/dev/null || true`,
      `iptables -w -t ${table} -C ${builtin} -j ${name} 2>/dev/null || iptables -w -t ${table} -I ${builtin} 1 -j ${name}`,
    ],
    why: `rt's rules live in a chain of their own, ${name}; all that others see in ${builtin} is one jump to it.`,
    see: 'iptables(8)',
    shared: true,
    failure,
  }
}

/** The jump is taken out and put back at the top: that fails when it is missing, so that a failed jump step is noticed. */
const contentLines = ({ chain, jump }: Gap): readonly string[] => [
  `:${chain.name} - [0:0]`,
  ...chain.rules.map((rule) => `-A ${chain.name} ${rule}`),
  ...(jump ? [`-D ${chain.builtin} -j ${chain.name}`, `-I ${chain.builtin} 1 -j ${chain.name}`] : []),
]

const contentShell = ({ chain }: Gap): readonly string[] => [
  `iptables -w -t ${chain.table} -N ${chain.name} 2>/dev/null || iptables -w -t ${chain.table} -F ${chain.name}`,
  ...chain.rules.map((rule) => `iptables -w -t ${chain.table} -A ${chain.name} ${rule}`),
]

/**
 * One batch after another: the nft front end has no lock of its own (its -w does nothing), and a batch that deletes a rule which another
 * batch replaces in the same moment fails with ENOENT.
 */
export const oneByOne = <S extends HostStep | NetnsStep>(steps: readonly S[], lock: string): S[] =>
  steps.map((step) => (step.op === 'exec' ? { ...step, lock } : step))

const inTables = (batches: readonly { readonly table: string; readonly lines: readonly string[] }[]): string =>
  batches.map(({ table, lines }) => [`*${table}`, ...lines, 'COMMIT', ''].join('\n')).join('')

const refused = (bridge: string): StepFailure => ({
  code: 'RT_NET_NO_FIREWALL',
  message: `iptables did not take the rules of the bridge ${bridge}.`,
  remedy: 'Install the package iptables, and see what `rt doctor` says about the bridge driver.',
})
