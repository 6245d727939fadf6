import {
  type ContainerId,
  type DriverContext,
  declaredOptions,
  type HostStep,
  integerOption,
  type NetworkDriver,
  type NetworkDriverClass,
  type NetworkPlan,
  type NetworkRequest,
  option,
  type Probe,
} from '@rt/driver-api'
import { Leases } from './leases.ts'

const OPTIONS = {
  mtu: option(integerOption('bytes', 1280, 65535), { description: 'Of both ends of the cable.', default: 1500 }),
}

/** A cable between the host and each container, and nothing else: they reach each other, and nobody beyond. */
export default class {{class}} implements NetworkDriver {
  static readonly options = OPTIONS
  static readonly capabilities = { peers: false, outside: false, ports: false, addresses: false, combine: false }

  /** Every plan of this driver has a network namespace of its own: rt makes it while it still asks. */
  readonly namespace = 'new'
  readonly #mtu: number
  readonly #leases: Leases

  constructor({ runRoot, options }: DriverContext) {
    this.#mtu = declaredOptions('network.{{name}}', options, OPTIONS).mtu
    this.#leases = new Leases(`${runRoot}/net/{{name}}`)
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async setup({ container, interface: name = 'eth0' }: NetworkRequest): Promise<NetworkPlan> {
    const { host, inside, number, release } = this.#leases.take(container.id)
    // Of the container and not of the lease: the kernel takes a cable apart a moment after its container's end.
    const hostEnd = `rt${container.id.slice(0, 12)}`
    const mtu = this.#mtu
    const mac = `02:42:0a:c7:${hex(number >> 8)}:${hex(number & 255)}`
    return {
      namespace: 'new',
      enter: [
        { where: 'netns', op: 'link.set', name: 'lo', up: true, why: 'A new namespace has its loopback interface down.' },
        {
          where: 'host',
          op: 'link.add',
          name: hostEnd,
          mtu,
          kind: 'veth',
          peer: { name, mac, mtu },
          why: 'A cable: one end stays on the host, the other is born in the container.',
          see: 'veth(4)',
        },
        { where: 'host', op: 'addr.add', link: hostEnd, address: `${host}/30`, why: "The host's own address on it." },
        { where: 'host', op: 'link.set', name: hostEnd, up: true, why: 'An interface is born down.' },
        { where: 'netns', op: 'addr.add', link: name, address: `${inside}/30`, why: "The container's address." },
        { where: 'netns', op: 'link.set', name, up: true, why: 'The end inside is born down as well.' },
        { where: 'netns', op: 'route.add', to: 'default', via: host, link: name, why: 'The host answers for the rest.' },
      ],
      leave: [
        {
          where: 'host',
          op: 'link.del',
          name: hostEnd,
          why: 'The cable ends with the namespace, but later: its addresses are free only when it is gone.',
        },
        // A file, and files outlive everything.
        release,
      ],
      attachment: {
        driver: '{{name}}',
        interfaces: [{ name, mac, mtu, addresses: [`${inside}/30`], gateway: host, hostEnd }],
      },
    }
  }

  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    return this.#leases.stale(live)
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

// What users get is checked here: a class that is no network driver does not compile.
{{class}} satisfies NetworkDriverClass
