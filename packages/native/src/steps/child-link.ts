import type { HostStep, NetnsStep } from '@rt/driver-api'
import { decodeLink } from '../netlink/decode.ts'
import { NetlinkError } from '../netlink/error.ts'
import { getLink, renameLink } from '../netlink/link-requests.ts'
import { encodeStep } from '../netlink/requests.ts'
import { hostSocket } from '../netlink/sockets.ts'
import type { Netns } from '../netns.ts'
import { type LinkStep, performBatch } from './link.ts'

/** A macvlan or ipvlan: a link on a parent. */
export type ChildStep = LinkStep & { readonly op: 'link.add'; readonly parent: string }

export const isChild = (step: HostStep | NetnsStep): step is ChildStep => step.op === 'link.add' && 'parent' in step

/**
 * Adds it, by the host's socket whatever namespace it is born in, because the kernel looks for the parent where it is asked. Kernels before
 * 6.13 look there for its name as well, and find the host's own eth0: so it is born under a name that nobody has, and is renamed inside.
 *
 * @throws NetlinkError
 */
export const addChild = (step: ChildStep, netns: Netns | undefined): void => {
  if (netns === undefined) {
    add(step, undefined)
    return
  }
  const born = `rt-new-${process.pid}`
  add({ ...step, name: born }, netns)
  const [found] = netns.socket.exchange([getLink(born)])
  const reply = found?.replies[0]
  if (reply === undefined) throw found?.error ?? new NetlinkError(ENODEV, `there is no ${born}`)
  const [renamed] = netns.socket.exchange([renameLink(decodeLink(reply).index, step.name)])
  if (renamed?.error === undefined) return
  netns.socket.exchange([encodeStep({ op: 'link.del', name: born }, { index: () => 0 })])
  throw renamed.error
}

const add = (step: ChildStep, netns: Netns | undefined): void => {
  const [outcome] = performBatch([step], hostSocket(), netns)
  if (outcome?.error !== undefined) throw outcome.error
  if (outcome?.changed !== true) throw new NetlinkError(EEXIST, `there is a ${step.name} already`)
}

const ENODEV = 19
const EEXIST = 17
