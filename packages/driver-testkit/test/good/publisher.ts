import type {
  HostStep,
  NetworkAttachment,
  NetworkCapabilities,
  NetworkPlan,
  NetworkRequest,
  PublishPlan,
} from '@rt/driver-api'
import Wire from './network.ts'

const why = 'Published ports lead to the container.'

/** A wire on which ports can be published, at once and later: one that is right in that, too. */
export default class Publisher extends Wire {
  static override readonly capabilities: Partial<NetworkCapabilities> = { ...Wire.capabilities, ports: true }

  override async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const plan = await super.setup(request)
    const { enter, leave } = this.leading(request, plan.attachment)
    const address = addressIn(plan.attachment)
    const via = address.replace(/2$/, '1')
    return {
      ...plan,
      enter: [
        { where: 'host', op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1', shared: true, why },
        ...plan.enter,
        { where: 'netns', op: 'route.add', to: 'default', via, link: 'eth0', why },
        ...enter,
      ],
      leave: [...leave, ...plan.leave],
    }
  }

  async publish(request: NetworkRequest, attachment: NetworkAttachment): Promise<PublishPlan> {
    return this.leading(request, attachment)
  }

  /** Packets from elsewhere and the host's own take different ways. */
  protected readonly chains: readonly string[] = ['PREROUTING', 'OUTPUT']

  protected leading({ ports = [] }: NetworkRequest, attachment: NetworkAttachment): PublishPlan {
    const rules = ports.flatMap(({ hostPort, containerPort }) =>
      this.chains.map((chain) => {
        const to = `${addressIn(attachment)}:${containerPort}`
        return [chain, '-p', 'tcp', '--dport', `${hostPort}`, '-j', 'DNAT', '--to-destination', to]
      }),
    )
    const step = (act: string, rule: readonly string[]): HostStep => {
      return { where: 'host', op: 'exec', argv: ['iptables', '-w', '-t', 'nat', act, ...rule], why }
    }
    return {
      enter: rules.map((rule) => step('-A', rule)),
      leave: rules.map((rule) => ({ ...step('-D', rule), allowFailure: true })),
    }
  }
}

const addressIn = ({ interfaces }: NetworkAttachment): string => `${interfaces[0]?.addresses[0]?.split('/')[0]}`
