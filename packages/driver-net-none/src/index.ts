import type {
  DriverContext,
  NetworkCapabilities,
  NetworkDriver,
  NetworkPlan,
  NetworkSight,
  Probe,
} from '@rt/driver-api'
import { declaredOptions } from '@rt/driver-api'

export const DRIVER_NAME = 'none'

/**
 * A network namespace of the container's own with nothing in it but `lo`. Loopback is brought up, because programs that
 * talk to themselves over 127.0.0.1 are common and a namespace is born with it down.
 */
export default class NoneNetworkDriver implements NetworkDriver {
  static readonly options = {}
  static readonly capabilities: Partial<NetworkCapabilities> = {
    peers: false,
    host: false,
    outside: false,
    ports: false,
    addresses: false,
    combine: false,
  }
  readonly namespace = 'new'

  /** Throws RT_DRIVER_OPTION where `context.options` is not empty. */
  constructor(context: DriverContext) {
    declaredOptions('network.none', context.options, NoneNetworkDriver.options)
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async look(): Promise<NetworkSight> {
    return { way: 'none' }
  }

  async setup(): Promise<NetworkPlan> {
    return {
      namespace: 'new',
      enter: [
        {
          where: 'netns',
          op: 'link.set',
          name: 'lo',
          up: true,
          why: 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.',
          see: 'network_namespaces(7)',
        },
      ],
      leave: [],
      attachment: {
        driver: DRIVER_NAME,
        interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, addresses: ['127.0.0.1/8'] }],
      },
    }
  }
}
