import type { HostStep, NetnsStep } from '@rt/driver-api'
import { NetlinkError } from '../netlink/error.ts'
import { hostSocket } from '../netlink/sockets.ts'
import type { Netns } from '../netns.ts'
import { type LinkStep, performBatch } from './link.ts'

/** A macvlan or ipvlan: a link on a parent. */
export type ChildStep = LinkStep & { readonly op: 'link.add'; readonly parent: string }

export const isChild = (step: HostStep | NetnsStep): step is ChildStep => step.op === 'link.add' && 'parent' in step

/**
 * Adds it, by the host's socket whatever namespace it is born in, because the kernel looks for the parent where it is asked.
 *
 * @throws NetlinkError
 */
export const addChild = (step: ChildStep, netns: Netns | undefined): void => {
  const [outcome] = performBatch([step], hostSocket(), netns)
  if (outcome?.error !== undefined) throw outcome.error
  if (outcome?.changed !== true) throw new NetlinkError(EEXIST, `there is a ${step.name} already`)
}

const EEXIST = 17
