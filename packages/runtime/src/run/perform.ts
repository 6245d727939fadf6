import type { HostStep, NetnsStep } from '@rt/driver-api'
import { type Lifeline, type Netns, performSteps } from '@rt/native'
import { checkpoint, stopsForTest } from '../checkpoint.ts'

/** All steps at once, so that netlink messages travel together; one by one when a test stops between them. */
export const perform = (steps: readonly (HostStep | NetnsStep)[], netns?: Netns, lifeline?: Lifeline): void => {
  const context = { ...(netns && { netns }), ...(lifeline && { lifeline }) }
  if (!stopsForTest) {
    performSteps(steps, context)
    return
  }
  for (const step of steps) {
    checkpoint()
    performSteps([step], context)
  }
}
