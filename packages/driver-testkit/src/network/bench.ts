import type { NetworkDriver, NetworkPlan, NetworkRequest } from '@rt/driver-api'
import { answerProblem } from '@rt/driver-api'
import { createNetns, type Netns } from '@rt/native'
import { createLifeline, type Lifeline } from '@rt/native/throwaway'
import { Bench } from '../bench/bench.ts'
import { ensure } from '../check.ts'

/** A container of the trial: connected, with nothing in it. */
export interface Connected {
  readonly plan: NetworkPlan
  /** undefined: it is in the host's. */
  readonly netns: Netns | undefined
  readonly lifeline: Lifeline
  /** Its first IPv4 address, without prefix length. */
  readonly address: string | undefined
}

export class NetworkBench extends Bench<NetworkDriver> {
  /** What beyond the host answers: 198.51.100.1. */
  internet: Netns | undefined

  request(asked: Partial<NetworkRequest> = {}): NetworkRequest {
    return { container: this.identity(), dns: [], ...asked }
  }

  async plan(asked: Partial<NetworkRequest> = {}, driver = this.driver()): Promise<NetworkPlan> {
    const plan = await driver.setup(this.request(asked))
    const problem = answerProblem('net', 'setup', plan)
    ensure(problem === undefined, `the answer to setup ${problem}`)
    return plan
  }

  async start(asked: Partial<NetworkRequest> = {}): Promise<Connected> {
    const request = this.request(asked)
    const connected = this.connect(await this.plan(request))
    try {
      return await this.#attached(connected, request)
    } catch (error) {
      this.end(connected)
      throw error
    }
  }

  /** Performs a plan, or its first `steps` steps. */
  connect(plan: NetworkPlan, steps = plan.enter.length): Connected {
    const netns = plan.namespace === 'new' ? createNetns() : undefined
    const lifeline = createLifeline()
    const connected = { plan, netns, lifeline, address: addressIn(plan) }
    try {
      this.perform(plan.enter.slice(0, steps), netns, lifeline)
    } catch (error) {
      this.gone(connected)
      throw error
    }
    return connected
  }

  /** What only the steps have shown. */
  async #attached(connected: Connected, request: NetworkRequest): Promise<Connected> {
    const attachment = await this.driver().attached?.(request, connected.plan.attachment)
    if (attachment === undefined) return connected
    const problem = answerProblem('net', 'attached', attachment)
    ensure(problem === undefined, `the answer to attached ${problem}`)
    const plan = { ...connected.plan, attachment }
    return { ...connected, plan, address: addressIn(plan) }
  }

  /** What the kernel does when a container ends, however that comes: its namespace goes, and whoever lives with it. */
  gone({ netns, lifeline }: Connected): void {
    netns?.close()
    lifeline.close()
  }

  end(connected: Connected, when = 'after the container has ended'): void {
    this.gone(connected)
    this.leave(connected.plan.leave, when)
  }

  /** Twice, because what a driver remembers of what it shares may only be written by the second start. */
  async warmUp(): Promise<void> {
    for (const _ of [1, 2]) this.end(await this.start())
  }
}

const addressIn = ({ attachment }: NetworkPlan): string | undefined => {
  const [first] = attachment.interfaces.filter(({ name }) => name !== 'lo')
  return first?.addresses.find((each) => !each.includes(':'))?.split('/')[0]
}
