import type { FirewalledBridge } from '../firewall.ts'
import { TABLE, USER } from '../nft-table.ts'
import type { Lead } from '../ports.ts'

/** `rt` alone is a word of nft's language. */

const IN = `inet ${TABLE}`

/** As nf_tables names it, where it says whether [::1] leads to published ports. */
export const OUTPUT = { family: 'inet', table: TABLE, chain: 'output' } as const

/**
 * What all bridges share. Every line may be given again: what is there already is left alone, or written anew as a whole. `loopback`: [::1] leads to
 * published ports, as 127.0.0.1 always does.
 */
export const skeleton = (loopback: boolean): readonly string[] => [
  `add table ${IN}`,
  ...[USER, 'ports'].map((chain) => `add chain ${IN} ${chain}`),
  `add set ${IN} bridges { type ifname; }`,
  ...['to-forward', 'to-nat'].map((map) => `add map ${IN} ${map} { type ifname : verdict; }`),
  ...MAPS.map(({ name, key, to }) => `add map ${IN} ${name} { type ${key} : ${to} . inet_service; }`),
  ...Object.entries(HOOKS).map(([chain, hook]) => `add chain ${IN} ${chain} { type ${hook}; policy accept; }`),
  ...Object.entries(RULES).flatMap(([chain, rules]) => written(chain, rules)),
  // Refused at once is better than an answer that cannot come back, see loopback.ts.
  ...(loopback ? [] : [`insert rule ${IN} ${OUTPUT.chain} ip6 daddr ::1 return`]),
]

const HOOKS: Readonly<Record<string, string>> = {
  raw: 'filter hook prerouting priority raw',
  forward: 'filter hook forward priority filter',
  prerouting: 'nat hook prerouting priority dstnat',
  output: 'nat hook output priority -100',
  postrouting: 'nat hook postrouting priority srcnat',
}

/** All but the user's chain, in a table that is otherwise complete and empty. */
export const withoutSkeleton = (): readonly string[] => [
  ...Object.keys(RULES).map((chain) => `flush chain ${IN} ${chain}`),
  ...Object.keys(RULES).map((chain) => `delete chain ${IN} ${chain}`),
  ...['to-forward', 'to-nat', ...MAPS.map(({ name }) => name)].map((map) => `delete map ${IN} ${map}`),
  `delete set ${IN} bridges`,
]

/** Where a published port is found: at one address of the host, or at any. One look-up, however many there are. */
const MAPS = [
  { name: 'at4', key: 'inet_proto . ipv4_addr . inet_service', to: 'ipv4_addr' },
  { name: 'any4', key: 'inet_proto . inet_service', to: 'ipv4_addr' },
  { name: 'at6', key: 'inet_proto . ipv6_addr . inet_service', to: 'ipv6_addr' },
  { name: 'any6', key: 'inet_proto . inet_service', to: 'ipv6_addr' },
] as const

const LOCAL = 'fib daddr type local jump ports'

const RULES: Readonly<Record<string, readonly string[]>> = {
  // CVE-2020-8558: with route_localnet a container could reach what listens on the host's 127.0.0.1. Answers come to the bridge's address.
  raw: ['iifname @bridges ip daddr 127.0.0.0/8 drop'],
  // Each bridge judges what leaves it, before any judges what would enter it: an internal one must not get out by another's published port.
  forward: [`jump ${USER}`, 'iifname vmap @to-forward', 'oifname vmap @to-forward'],
  // Nobody but the host itself may ask for its loopback addresses: a port that is published on one must not be found from outside.
  prerouting: [`ip daddr != 127.0.0.0/8 ${LOCAL}`, `ip6 daddr != ::1 ${LOCAL}`],
  output: [LOCAL],
  ports: [
    'dnat ip to meta l4proto . ip daddr . th dport map @at4',
    'dnat ip to meta l4proto . th dport map @any4',
    'dnat ip6 to meta l4proto . ip6 daddr . th dport map @at6',
    'dnat ip6 to meta l4proto . th dport map @any6',
  ],
  // The second for what has no interface that it came by: from the host itself, and from the bridge under br_netfilter.
  postrouting: ['iifname vmap @to-nat', 'ct status dnat oifname vmap @to-nat'],
}

export const forwardChain = (bridge: string): string => `forward-${bridge}`
export const natChain = (bridge: string): string => `nat-${bridge}`

/** A bridge's own chains as a whole, and the way to them. */
export const bridgeLines = (wanted: FirewalledBridge): readonly string[] => [
  ...written(forwardChain(wanted.bridge), forwardRules(wanted)),
  ...written(natChain(wanted.bridge), natRules(wanted)),
  ...elements(wanted.bridge).map((element) => `add element ${IN} ${element}`),
]

/** Deletes them whether they are there or not. */
export const withoutBridge = (bridge: string): readonly string[] => {
  const chains = [forwardChain(bridge), natChain(bridge)]
  return [
    ...chains.map((chain) => `add chain ${IN} ${chain}`),
    ...elements(bridge).flatMap((element) => [`add element ${IN} ${element}`, `delete element ${IN} ${element}`]),
    ...chains.flatMap((chain) => [`flush chain ${IN} ${chain}`, `delete chain ${IN} ${chain}`]),
  ]
}

const elements = (bridge: string): readonly string[] => [
  `bridges { "${bridge}" }`,
  `to-forward { "${bridge}" : goto ${forwardChain(bridge)} }`,
  `to-nat { "${bridge}" : jump ${natChain(bridge)} }`,
]

const forwardRules = ({ bridge, masquerade, internal }: FirewalledBridge): readonly string[] => {
  const within = `iifname "${bridge}" oifname "${bridge}" accept`
  if (internal) return [within, 'drop']
  return [
    'ct state established,related accept',
    'ct status dnat accept',
    within,
    `iifname "${bridge}" oifname @bridges drop`,
    `iifname "${bridge}" accept`,
    // Else a neighbour that routes to this host would reach ports which nobody has published.
    masquerade ? 'drop' : 'accept',
  ]
}

const natRules = ({ bridge, masquerade, internal, subnets }: FirewalledBridge): readonly string[] => {
  if (internal) return []
  const sources = [`ip saddr ${subnets.v4}`, ...(subnets.v6 === undefined ? [] : [`ip6 saddr ${subnets.v6}`])]
  const loopbacks = ['ip saddr 127.0.0.0/8', ...(subnets.v6 === undefined ? [] : ['ip6 saddr ::1'])]
  return [
    ...(masquerade ? sources.map((source) => `${source} oifname != "${bridge}" masquerade`) : []),
    // A neighbour, or the container itself, that asked at the host's address: the answer has to pass the host again.
    ...[...sources, ...loopbacks].map((source) => `${source} oifname "${bridge}" ct status dnat masquerade`),
  ]
}

const written = (chain: string, rules: readonly string[]): readonly string[] => [
  `add chain ${IN} ${chain}`,
  `flush chain ${IN} ${chain}`,
  ...rules.map((rule) => `add rule ${IN} ${chain} ${rule}`),
]

const elementOf = ({ family, port: { protocol, hostPort, containerPort }, at, to }: Lead): string =>
  at === undefined
    ? `any${family} { ${protocol} . ${hostPort} : ${to} . ${containerPort} }`
    : `at${family} { ${protocol} . ${at} . ${hostPort} : ${to} . ${containerPort} }`

/** The first line changes nothing but the kernel's count of changes, which an element that is there already would not. */
export const portLines = (all: readonly Lead[]): readonly string[] => [
  `add chain ${IN} ${USER}`,
  ...all.map((lead) => `add element ${IN} ${elementOf(lead)}`),
]

/** Adding first makes it right where the element is gone, and refuses, as a whole, where it is another container's by now. */
export const withoutPorts = (all: readonly Lead[]): readonly string[] =>
  all.flatMap((lead) => ['add', 'delete'].map((verb) => `${verb} element ${IN} ${elementOf(lead)}`))

export const emptyPorts = (): readonly string[] => MAPS.map(({ name }) => `flush map ${IN} ${name}`)
