import { mkdirSync, writeFileSync } from 'node:fs'
import {
  type ContainerId,
  type DriverContext,
  type HostStep,
  NETWORK_CAPABILITIES,
  type NetworkDefinition,
  type NetworkPlan,
  type NetworkRequest,
  type NetworkWish,
  type Probe,
} from '@rt/driver-api'
import Wire from '../good/network.ts'

/** Network drivers, each wrong in the one way that its name says. `wrong.test.ts` has what is found of them. */

const why = 'Is wrong on purpose.'
const file = (path: string): HostStep => {
  return { where: 'host', op: 'file.write', path, content: 'x', mode: 0o600, exclusive: true, why }
}
const exec = (...argv: [string, ...string[]]): HostStep => ({ where: 'host', op: 'exec', argv, why })

export class ProbeWrites extends Wire {
  override async probe(): Promise<Probe> {
    writeFileSync('/run/probed', '')
    return super.probe()
  }
}

export class ProbeRefuses extends Wire {
  override async probe(): Promise<Probe> {
    return { ok: false, reason: 'there is no wire', remedy: 'Buy one.' }
  }
}

export class TakesAnyOption extends Wire {
  constructor(context: DriverContext) {
    super({ ...context, options: {} })
  }
}

export class RefusesItsDefault extends Wire {
  static override readonly options = {
    colour: { description: 'Of the cable.', expected: 'a colour', default: 'red', read: () => undefined },
  }
}

export class DescribesNothing extends Wire {
  static override readonly options = { colour: { description: '', expected: 'a colour', read: String } }
}

export class SetupActs extends Wire {
  override async setup(request: NetworkRequest): Promise<NetworkPlan> {
    mkdirSync(`/run/at-once-${request.container.id}`)
    return super.setup(request)
  }
}

/** Answers the plan of a right one with something changed. */
abstract class Changed extends Wire {
  override async setup(request: NetworkRequest): Promise<NetworkPlan> {
    return this.change(await super.setup(request), request)
  }
  abstract change(plan: NetworkPlan, request: NetworkRequest): NetworkPlan
}

export class AnswersNoStep extends Changed {
  change = (plan: NetworkPlan): NetworkPlan => ({ ...plan, leave: [{ op: 'magic' } as unknown as HostStep] })
}

export class KeepsItsLease extends Changed {
  change = (plan: NetworkPlan): NetworkPlan => ({ ...plan, leave: [] })
}

/** Its way back knows what to do by a note that is made last. */
export class NotesLast extends Changed {
  change(plan: NetworkPlan, { container: { id } }: NetworkRequest): NetworkPlan {
    const [made, note] = [`/run/made-${id}`, `/run/note-${id}`]
    const back = exec('sh', '-c', `test ! -e ${note} || rm -f ${made} ${note}`)
    return { ...plan, enter: [...plan.enter, exec('touch', made), file(note)], leave: [...plan.leave, back] }
  }
}

export class RemovesOnce extends Changed {
  change(plan: NetworkPlan, { container: { id } }: NetworkRequest): NetworkPlan {
    const made = `/run/made-${id}`
    return { ...plan, enter: [...plan.enter, file(made)], leave: [...plan.leave, exec('rm', made)] }
  }
}

export class EndsEveryCable extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    const all = 'cd /sys/class/net; for each in wc0ffee*; do ip link del "$each" 2>&1 || true; done'
    return { ...plan, leave: [...plan.leave, exec('sh', '-c', all)] }
  }
}

export class SaysAnotherMtu extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    const interfaces = plan.attachment.interfaces.map((each) => ({ ...each, mtu: 1500 }))
    return { ...plan, attachment: { ...plan.attachment, interfaces } }
  }
}

export class LeavesItsEndDown extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    return { ...plan, enter: plan.enter.filter(({ where, op }) => where !== 'host' || op !== 'link.set') }
  }
}

/** Promises all that there is, and has but the cable. */
export class ClaimsEverything extends Wire {
  static override readonly capabilities = NETWORK_CAPABILITIES
}

/** Says that there is no way out, and puts the container on the host's own wire. */
export class HasAWayOut extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    return {
      ...plan,
      enter: [
        ...plan.enter,
        { where: 'netns', op: 'link.add', name: 'eth1', kind: 'macvlan', parent: 'eth0', mode: 'bridge', why },
        { where: 'netns', op: 'addr.add', link: 'eth1', address: '198.51.100.77/24', why },
        { where: 'netns', op: 'link.set', name: 'eth1', up: true, why },
      ],
    }
  }
}

export class GivesAllTheSame extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    const interfaces = plan.attachment.interfaces.map((each) => ({ ...each, addresses: ['10.77.1.2/30'] }))
    return { ...plan, attachment: { ...plan.attachment, interfaces } }
  }
}

export class FreesNothing extends Wire {
  override async gc(): Promise<readonly HostStep[]> {
    return []
  }
}

export class FreesTheLiving extends Wire {
  override gc(): Promise<readonly HostStep[]> {
    return super.gc(new Set<ContainerId>())
  }
}

export class ReloadsNothing extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    const rule = ['FORWARD', '-s', '10.77.0.0/16', '-j', 'DROP'] as const
    const gone: HostStep = { where: 'host', op: 'exec', argv: ['iptables', '-D', ...rule], allowFailure: true, why }
    return { ...plan, enter: [...plan.enter, exec('iptables', '-A', ...rule)], leave: [...plan.leave, gone] }
  }
  async reload(): Promise<readonly HostStep[]> {
    return []
  }
}

export class RemovesNoNetwork extends Changed {
  change(plan: NetworkPlan, { network }: NetworkRequest): NetworkPlan {
    return network ? { ...plan, enter: [...plan.enter, exec('touch', '/run/network')] } : plan
  }
  async define(wish: NetworkWish): Promise<NetworkDefinition> {
    return { ...wish, subnets: [] }
  }
  async remove(): Promise<readonly HostStep[]> {
    return []
  }
}

export class ResetsNothing extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    const link: HostStep = { where: 'host', op: 'link.add', name: 'shared0', kind: 'bridge', shared: true, why }
    const enter = [...plan.enter.slice(0, 1), link, ...plan.enter.slice(1)]
    return { ...plan, enter }
  }
  async reset(): Promise<readonly HostStep[]> {
    return []
  }
}

/** Its step works only as a child of the process that planned it. */
export class CountsOnItsParent extends Changed {
  change(plan: NetworkPlan): NetworkPlan {
    return { ...plan, enter: [...plan.enter, exec('sh', '-c', `test $PPID = ${process.pid} # not rt`)] }
  }
}
