import { readFileSync } from 'node:fs'
import type {
  DriverContext,
  NetworkCapabilities,
  NetworkDriver,
  NetworkPlan,
  NetworkRequest,
  NetworkSight,
  Probe,
} from '@rt/driver-api'
import { declaredOptions } from '@rt/driver-api'
import { withNameservers } from './resolv-conf.ts'

export const DRIVER_NAME = 'host'

/**
 * The network of the host itself: its interfaces, ports, firewall, resolv.conf and hostname. Loopback resolvers of the host work
 * too, because its loopback is the container's.
 */
export default class HostNetworkDriver implements NetworkDriver {
  static readonly options = {}
  static readonly capabilities: Partial<NetworkCapabilities> = { addresses: false, combine: false }
  readonly namespace = 'host'

  /** Throws RT_DRIVER_OPTION where `context.options` is not empty. */
  constructor(context: DriverContext) {
    declaredOptions('network.host', context.options, HostNetworkDriver.options)
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async look(): Promise<NetworkSight> {
    return { way: 'host' }
  }

  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    return {
      namespace: 'host',
      enter: [],
      leave: [],
      attachment: {
        driver: DRIVER_NAME,
        interfaces: [],
        ...(request.dns.length > 0 && { resolvConf: withNameservers(hostResolvConf(), request.dns) }),
      },
    }
  }
}

/** A host without the file resolves by 127.0.0.1 (resolv.conf(5)); nothing of it is to be kept then. */
const hostResolvConf = (): string => {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
