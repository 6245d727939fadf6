import type { NetworkAttachment } from '@rt/driver-api'
import { type JoinedPlan, type JoinInput, joinedAttachment, requestOf } from './join.ts'

/** Asks the drivers that could not know before what has come of their steps, which were performed: they are not to be performed again. */
export const settledNetworks = async (input: JoinInput, plan: JoinedPlan): Promise<JoinedPlan> => {
  const attachments: NetworkAttachment[] = []
  for (const [index, { attachment }] of plan.connected.entries())
    attachments.push(
      (await input.networks[index]?.driver.attached?.(requestOf(input, index), attachment)) ?? attachment,
    )
  return {
    ...plan,
    enter: [],
    connected: plan.connected.map((one, index) => ({ ...one, attachment: attachments[index] ?? one.attachment })),
    attachment: joinedAttachment(attachments),
  }
}
