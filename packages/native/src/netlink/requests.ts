import type { LinkOperation } from '@rt/driver-api'
import { addAddress, addRoute } from './address-requests.ts'
import { addLink, deleteLink, setLink } from './link-requests.ts'
import type { RequestContext } from './request-context.ts'
import type { NetlinkRequest } from './socket.ts'

/** The links whose index must be known: the kernel takes names for links themselves, but not for masters, addresses and routes. */
export const indexedNames = (step: LinkOperation): string[] => {
  if (step.op === 'addr.add' || step.op === 'route.add') return [step.link]
  if (step.op === 'link.add' && 'parent' in step) return [step.parent]
  return step.op === 'link.set' && step.master !== undefined ? [step.master] : []
}

/** One rtnetlink message for one step. */
export const encodeStep = (step: LinkOperation, context: RequestContext): NetlinkRequest => {
  switch (step.op) {
    case 'link.add':
      return addLink(step, context)
    case 'link.set':
      return setLink(step, context)
    case 'link.del':
      return deleteLink(step)
    case 'addr.add':
      return addAddress(step, context)
    case 'route.add':
      return addRoute(step, context)
  }
}
