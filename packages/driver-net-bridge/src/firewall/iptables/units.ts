import type { FirewalledBridge } from '../firewall.ts'

export type Family = 4 | 6
export type Table = 'filter' | 'nat' | 'raw'

/** A rule that stands in a chain which others have rules in as well, less `-A` and the chain's name. */
export interface Line {
  readonly chain: string
  /** As iptables-save prints it. */
  readonly rule: string
  readonly at: 'top' | 'end'
}

/**
 * A chain whose content is ours alone, so that it can be rewritten as a whole by any number of starts at once, and its lines in other
 * chains. The first of them leads to the chain. All lines are added in one transaction, which the chain guards: see steps.ts.
 */
export interface Unit {
  readonly table: Table
  readonly chain: string
  /** As iptables-save prints them. Empty: the chain is not needed. */
  readonly rules: readonly string[]
  readonly lines: readonly [Line, ...Line[]]
  /** Lines that it has in other modes, and must not have in this one. */
  readonly former?: readonly Line[]
  readonly why: string
}

/** Chains that `units` rely on, whose content is nobody's whole: every bridge, container or user adds to it. */
export interface SharedChain {
  readonly table: Table
  readonly chain: string
}

/** The user's own place for rules, before all of ours. */
export const USER = 'RT-USER'
const FORWARD = 'RT-FORWARD'
const ISOLATION = 'RT-ISOLATION'
const INTO = 'RT-ISOLATION-2'
const BRIDGES = 'RT-BRIDGES'
export const PORTS = 'RT-PORTS'

export const SHARED: readonly SharedChain[] = [
  ...[USER, ISOLATION, INTO, BRIDGES].map((chain) => ({ table: 'filter' as const, chain })),
  { table: 'nat', chain: PORTS },
]

/** Chain names have at most 28 bytes, an interface's 15. */
export const forwardChain = (bridge: string): string => `RT-FORWARD-${bridge}`
export const natChain = (bridge: string): string => `RT-NAT-${bridge}`
export const localChain = (bridge: string): string => `RT-LOCAL-${bridge}`

const OUTPUT = 'RT-OUTPUT'
/** As nf_tables names it, where it says whether [::1] leads to published ports. */
export const OUTPUT6 = { family: 'ip6', table: 'nat', chain: OUTPUT } as const

/**
 * What all bridges share: one jump from each built-in chain, to a chain that says in which order ours come. `loopback`: [::1] leads to published
 * ports, as 127.0.0.1 always does.
 */
export const sharedUnits = (family: Family, loopback: boolean): readonly Unit[] => {
  const own = loopbackOf(family)
  const local = '-m addrtype --dst-type LOCAL'
  return [
    {
      table: 'filter',
      chain: FORWARD,
      rules: [`-j ${USER}`, `-j ${ISOLATION}`, `-j ${BRIDGES}`],
      lines: [{ chain: 'FORWARD', rule: `-j ${FORWARD}`, at: 'top' }],
      why: `What is forwarded goes through ${USER} first, where you may put rules of your own, then through what keeps networks apart.`,
    },
    {
      table: 'nat',
      chain: 'RT-PREROUTING',
      // Nobody but the host itself may ask for its loopback addresses: a port that is published on one must not be found from outside.
      rules: [`! -d ${own} ${local} -j ${PORTS}`],
      lines: [{ chain: 'PREROUTING', rule: '-j RT-PREROUTING', at: 'top' }],
      why: `What comes to an address of this host may be for a published port: ${PORTS} knows.`,
    },
    {
      table: 'nat',
      chain: OUTPUT,
      // Refused at once is better than an answer that cannot come back, see loopback.ts.
      rules: [...(family === 6 && !loopback ? [`-d ${own} -j RETURN`] : []), `${local} -j ${PORTS}`],
      lines: [{ chain: 'OUTPUT', rule: `-j ${OUTPUT}`, at: 'top' }],
      why: 'The same for what the host sends to itself.',
    },
  ]
}

const loopbackOf = (family: Family): string => (family === 4 ? '127.0.0.0/8' : '::1/128')

/** undefined: the bridge has no addresses of the family. */
export const subnetOf = ({ subnets }: FirewalledBridge, family: Family): string | undefined =>
  family === 4 ? subnets.v4 : subnets.v6

/** What one bridge has. `localnet`: packets of 127.0.0.0/8 may go over it, to published ports. */
export const bridgeUnits = (wanted: FirewalledBridge, family: Family, localnet: boolean): readonly Unit[] => {
  const subnet = subnetOf(wanted, family)
  if (subnet === undefined) return []
  return [
    wanted.internal ? internalUnit(wanted.bridge) : forwardUnit(wanted.bridge, wanted.masquerade),
    natUnit(wanted, subnet, family),
    ...(localnet && family === 4 ? [localUnit(wanted.bridge)] : []),
  ]
}

/** The lines of a bridge's forward chain, in each mode. */
const forwardLines = (bridge: string) => {
  const jump = `-j ${forwardChain(bridge)}`
  const dispatch = { chain: BRIDGES, rule: jump, at: 'end' } as const
  return {
    open: [
      dispatch,
      {
        chain: ISOLATION,
        rule: `-i ${bridge} ! -o ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j ${INTO}`,
        at: 'end',
      },
      { chain: INTO, rule: `-o ${bridge} -j DROP`, at: 'end' },
    ],
    internal: [
      dispatch,
      { chain: ISOLATION, rule: `-i ${bridge} ! -o ${bridge} -j DROP`, at: 'end' },
      { chain: ISOLATION, rule: `! -i ${bridge} -o ${bridge} -j DROP`, at: 'end' },
    ],
    passage: [{ chain: 'FORWARD', rule: jump, at: 'top' }],
  } as const satisfies Readonly<Record<string, readonly Line[]>>
}

const linesOf = (bridge: string, mode: 'open' | 'internal' | 'passage'): Pick<Unit, 'lines' | 'former'> => {
  const all = forwardLines(bridge)
  const lines: readonly [Line, ...Line[]] = all[mode]
  const others = [...all.open, ...all.internal, ...all.passage]
  return {
    lines,
    former: others.filter((each) => !lines.some(({ chain, rule }) => chain === each.chain && rule === each.rule)),
  }
}

const forwardUnit = (bridge: string, masquerade: boolean): Unit => ({
  table: 'filter',
  chain: forwardChain(bridge),
  rules: [
    `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
    `-i ${bridge} -j ACCEPT`,
    // Else a neighbour that routes to this host would reach ports which nobody has published.
    `-o ${bridge} -j ${masquerade ? 'DROP' : 'ACCEPT'}`,
  ],
  ...linesOf(bridge, 'open'),
  why: masquerade
    ? 'Lets packets out of the bridge, but not into another one of rt’s, and in only answers and what is for published ports.'
    : 'Lets packets out of the bridge and in, but neither to nor from another one of rt’s.',
})

/** Beside rules that lie elsewhere: lets pass, where FORWARD drops, what those let pass as well. */
export const passageUnit = ({ bridge, masquerade, internal }: FirewalledBridge): Unit => ({
  table: 'filter',
  chain: forwardChain(bridge),
  rules: internal
    ? [`-i ${bridge} -o ${bridge} -j ACCEPT`]
    : [
        `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
        `-i ${bridge} -j ACCEPT`,
        ...(masquerade ? [] : [`-o ${bridge} -j ACCEPT`]),
      ],
  ...linesOf(bridge, 'passage'),
  why: 'iptables drops what is forwarded: it must let pass what the rules of rt, which are not in it, let pass.',
})

const internalUnit = (bridge: string): Unit => ({
  table: 'filter',
  chain: forwardChain(bridge),
  rules: [`-i ${bridge} -o ${bridge} -j ACCEPT`],
  ...linesOf(bridge, 'internal'),
  why: 'An internal network: nothing leaves the bridge, nothing comes in.',
})

const natUnit = ({ bridge, masquerade, internal }: FirewalledBridge, subnet: string, family: Family): Unit => ({
  table: 'nat',
  chain: natChain(bridge),
  rules: internal
    ? []
    : [
        ...(masquerade ? [`-s ${subnet} ! -o ${bridge} -j MASQUERADE`] : []),
        // A neighbour, or the container itself, that asked at the host's address: the answer has to pass the host again.
        `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
        `-s ${loopbackOf(family)} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
      ],
  lines: [{ chain: 'POSTROUTING', rule: `-j ${natChain(bridge)}`, at: 'top' }],
  why: masquerade
    ? "Nobody beyond the host knows a way back to the containers' addresses: they go out under the host's own."
    : "Who reaches a published port from the bridge itself does it under the host's address, so that answers come back by the host.",
})

/** CVE-2020-8558: with route_localnet a container could reach what listens on the host's 127.0.0.1. Answers come to the bridge's address. */
const localUnit = (bridge: string): Unit => ({
  table: 'raw',
  chain: localChain(bridge),
  rules: [`-d 127.0.0.0/8 -i ${bridge} -j DROP`],
  lines: [{ chain: 'PREROUTING', rule: `-j ${localChain(bridge)}`, at: 'top' }],
  why: `Packets of 127.0.0.0/8 may go over ${bridge} for the sake of published ports; from there none is taken (CVE-2020-8558).`,
})
