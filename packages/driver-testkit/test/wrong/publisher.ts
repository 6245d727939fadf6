import { mkdirSync } from 'node:fs'
import type { NetworkAttachment, NetworkRequest, PublishPlan } from '@rt/driver-api'
import Publisher from '../good/publisher.ts'

/** Network drivers that publish ports, each wrong in the one way that its name says. */

export class KeepsPortsOpen extends Publisher {
  protected override leading(request: NetworkRequest, attachment: NetworkAttachment): PublishPlan {
    return { ...super.leading(request, attachment), leave: [] }
  }
}

export class PublishesToOthersOnly extends Publisher {
  protected override readonly chains = ['PREROUTING']
}

export class PublishesToTheHostOnly extends Publisher {
  protected override readonly chains = ['OUTPUT']
}

export class PublishActs extends Publisher {
  override async publish(request: NetworkRequest, attachment: NetworkAttachment): Promise<PublishPlan> {
    mkdirSync(`/run/published-${request.ports?.[0]?.hostPort}`)
    return super.publish(request, attachment)
  }
}

export class PublishesNothingLater extends Publisher {
  override async publish(): Promise<PublishPlan> {
    return { enter: [], leave: [] }
  }
}

/** Its way back goes only from where all was done. */
export class UnpublishesOnce extends Publisher {
  override async publish(request: NetworkRequest, attachment: NetworkAttachment): Promise<PublishPlan> {
    const { enter, leave } = await super.publish(request, attachment)
    return { enter, leave: leave.map((step) => (step.op === 'exec' ? { ...step, allowFailure: false } : step)) }
  }
}
