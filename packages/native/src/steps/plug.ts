import { pluggedVeth } from '../netlink/link-requests.ts'
import { hostIndices, hostSocket } from '../netlink/sockets.ts'
import type { Netns } from '../netns.ts'
import type { LinkStep } from './link.ts'

type VethStep = LinkStep & { readonly op: 'link.add'; readonly kind: 'veth' }

const isVeth = (step: LinkStep | undefined): step is VethStep =>
  step?.op === 'link.add' && step.where === 'host' && step.kind === 'veth'

/** The master that the second step plugs the first one's link into, where it does that and brings it up and nothing else. */
const masterOf = (add: VethStep, set: LinkStep | undefined): string | undefined => {
  if (set?.op !== 'link.set' || set.name !== add.name || set.up !== true) return undefined
  const { mtu, mac, alias, hairpin } = set
  return [mtu, mac, alias, hairpin].every((each) => each === undefined) ? set.master : undefined
}

/**
 * Performs the two steps of a container's cable as one message, where the list begins with them and the master has been seen. Answers the
 * steps that are done: both, or none. Why it did not work is for the slow way to find out, which does and tells one after the other.
 */
export const plug = (steps: readonly LinkStep[], netns: Netns | undefined): readonly LinkStep[] => {
  const [add, set] = steps
  if (!isVeth(add) || set === undefined || netns === undefined) return []
  const master = hostIndices.get(masterOf(add, set) ?? '')
  if (master === undefined) return []
  const index = netns.indices.size + 1
  const [outcome] = hostSocket().exchange([pluggedVeth(add, master, netns, index)])
  if (outcome?.error !== undefined) return []
  netns.indices.set(add.peer.name, index)
  return [add, set]
}
