import {
  type ContainerId,
  type DriverContext,
  type HostStep,
  isRtError,
  type NetworkDefinition,
  type NetworkDriver,
  type NetworkPlan,
  type NetworkRequest,
  type NetworkSight,
  type NetworkWish,
  type Probe,
  RtError,
} from '@rt/driver-api'
import { observeNetwork } from '@rt/native'
import { isWireless, observeLan, reachableResolvers } from './lan.ts'
import { Leases } from './leases.ts'
import { newMac } from './mac.ts'
import { type MacvlanOptions, OPTIONS, readMacvlanOptions } from './options.ts'
import { planMacvlan, resetSteps } from './plan.ts'
import { candidates, definedSettings, defineNetwork, ownSettings, type Settings } from './settings.ts'

/** Containers on the local network itself: each has an address there, as if it were a machine of its own. */
export default class MacvlanNetworkDriver implements NetworkDriver {
  static readonly options = OPTIONS
  /** The kernel keeps a parent and its children apart, so the host is the one machine that they cannot reach; nothing has to be published. */
  static readonly capabilities = { host: false, ports: false }

  readonly namespace = 'new'
  readonly #options: MacvlanOptions
  readonly #leases: Leases

  /** @throws RtError RT_DRIVER_OPTION */
  constructor(context: DriverContext) {
    this.#options = readMacvlanOptions(context.options)
    this.#leases = new Leases(context.runRoot)
  }

  async probe(): Promise<Probe> {
    try {
      const { parent, isUp } = observeLan(this.#options.parent)
      if (!isUp) return { ok: false, reason: `${parent} is down`, remedy: `Bring it up: ip link set ${parent} up` }
      const advice =
        isWireless(parent) && !this.#options.mode.startsWith('ipvlan')
          ? { advice: 'Access points take one MAC from a station: use an ipvlan mode on Wi-Fi.' }
          : {}
      return { ok: true, detail: `containers are on the wire of ${parent}`, ...advice }
    } catch (error) {
      if (!isRtError(error)) throw error
      return { ok: false, reason: error.message, remedy: error.remedy }
    }
  }

  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const settings = this.#settings(request.network)
    if (request.ip6 !== undefined)
      throw new RtError('RT_NET_NO_IPV6', 'A macvlan network gives no IPv6 addresses', {
        remedy: 'Containers find theirs by router advertisements: --opt ipv6=true.',
      })
    if (request.mac !== undefined && settings.mode.startsWith('ipvlan'))
      throw new RtError('RT_NET_ADDRESS_INVALID', "With ipvlan all containers have the parent's MAC", {
        remedy: 'Leave out --mac-address, or use a mode of macvlan.',
      })
    const { parent } = settings.lan
    const address = this.#leases.take(parent, candidates(settings, request.ip), request.container.id)
    return planMacvlan(request, {
      ...settings,
      address,
      mac: newMac(),
      lease: this.#leases.path(parent, address),
      resolvConf: reachableResolvers(),
    })
  }

  async define(wish: NetworkWish): Promise<NetworkDefinition> {
    return defineNetwork(wish, this.#options)
  }

  /** A network has nothing on the host that is its own: its interfaces end with their containers. */
  async remove(): Promise<readonly HostStep[]> {
    return []
  }

  async look(network?: NetworkDefinition): Promise<NetworkSight> {
    const { parent } = this.#settings(network).lan
    const addresses = observeNetwork().addresses.filter(({ link }) => link === parent)
    return { device: { name: parent, addresses: addresses.map(({ address }) => address), ports: [] }, way: 'routed' }
  }

  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    return this.#leases.stale(live)
  }

  async reset(): Promise<readonly HostStep[]> {
    return resetSteps(this.#leases.directory)
  }

  #settings(network: NetworkDefinition | undefined): Settings {
    return network ? definedSettings(network, this.#options) : ownSettings(this.#options)
  }
}
