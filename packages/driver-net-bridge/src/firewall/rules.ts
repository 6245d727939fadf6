import { formatSubnet, type Subnet } from '../address/subnet.ts'

/**
 * A chain of ours and where it is jumped to from. Every bridge has chains of its own, so that they can be rewritten as a whole, in one
 * transaction and by any number of starts at once, without a thought for other bridges' rules.
 */
export interface Chain {
  readonly table: 'filter' | 'nat'
  readonly builtin: 'FORWARD' | 'POSTROUTING'
  readonly name: string
  /** As iptables-save prints them, less `-A` and the chain's name. Empty: the chain is not needed. */
  readonly rules: readonly string[]
  readonly why: string
}

/** Chain names have at most 28 bytes, an interface's 15. */
export const forwardChain = (bridge: string): string => `RT-FORWARD-${bridge}`
export const natChain = (bridge: string): string => `RT-NAT-${bridge}`

export const chainsOf = (bridge: string, subnet: Subnet, masquerade: boolean): readonly [Chain, Chain] => [
  {
    table: 'filter',
    builtin: 'FORWARD',
    name: forwardChain(bridge),
    rules: [
      `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-i ${bridge} ! -o ${bridge} -j ACCEPT`,
      `-i ${bridge} -o ${bridge} -j ACCEPT`,
    ],
    why:
      'Lets packets out of the bridge, answers back in, and containers talk to each other, even where the policy of FORWARD ' +
      'is DROP, as it is beside Docker.',
  },
  {
    table: 'nat',
    builtin: 'POSTROUTING',
    name: natChain(bridge),
    rules: masquerade ? [`-s ${formatSubnet(subnet)} ! -o ${bridge} -j MASQUERADE`] : [],
    why: "Nobody beyond the host knows a way back to the containers' addresses: they go out under the host's own.",
  },
]
