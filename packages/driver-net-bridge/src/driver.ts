import type {
  ContainerId,
  DriverContext,
  HostStep,
  NetworkAttachment,
  NetworkDefinition,
  NetworkDriver,
  NetworkPlan,
  NetworkRequest,
  NetworkSight,
  NetworkWish,
  Probe,
  PublishPlan,
} from '@rt/driver-api'
import { checkedMac } from './address/mac.ts'
import { findNetwork, firewalled } from './find-network.ts'
import type { Firewall } from './firewall/firewall.ts'
import { isKnownComplete } from './firewall/notes.ts'
import { forwarding6Of, forwardingOf } from './host-forwarding.ts'
import { LeaseStore } from './leases/lease-store.ts'
import { noIpv6 } from './no-ipv6.ts'
import { hasIpv6, hostResolvConf, resolvedConf, uplinkMtu } from './observe.ts'
import { type BridgeOptions, OPTIONS, readBridgeOptions } from './options.ts'
import { planBridge } from './plan.ts'
import { leadingTo, publish, publishable } from './publish.ts'
import { containerResolvConf } from './resolv-conf.ts'
import { definedSettings, ownSettings } from './settings.ts'
import type { BridgeDriver } from './upkeep/bridge-driver.ts'

/** Containers on switches of their own, reaching out under the host's address: Docker's default network, and any number of others. */
export default class BridgeNetworkDriver implements NetworkDriver {
  static readonly options = OPTIONS
  readonly namespace = 'new'
  readonly #runRoot: string
  readonly #options: BridgeOptions

  /** Throws RT_DRIVER_OPTION. */
  constructor({ runRoot, options: given }: DriverContext) {
    this.#runRoot = runRoot
    this.#options = readBridgeOptions(given)
  }

  get publishAddress(): string | undefined {
    return this.#options.publishAddress
  }

  get ipv6(): boolean {
    return this.#options.ipv6
  }

  /** Reserves an address; the rest is steps. Errors: RT_NET_*, RT_USAGE (a MAC), RT_DRIVER_OPTION, RT_TOOL_MISSING. */
  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const [runRoot, options] = [this.#runRoot, this.#options]
    const settings = request.network === undefined ? ownSettings(options) : definedSettings(request.network)
    const asked = request.mac === undefined ? request : { ...request, mac: checkedMac(request.mac) }
    const ports = publishable(settings, request.ports)
    const ipv6 = hasIpv6()
    if (settings.ipv6 && !ipv6) throw noIpv6(settings)
    const found = findNetwork(runRoot, settings)
    const leases = new LeaseStore(found.directory, found.notes)
    const wanted = firewalled(found)
    // Most starts need nothing of the firewall, and do not load it.
    const isComplete = ports.length === 0 && isKnownComplete(options.firewall, wanted, runRoot)
    const firewall = isComplete ? undefined : await this.#firewall()
    const rules = firewall?.ensure(wanted, ports) ?? []
    const resolvConf = containerResolvConf(hostResolvConf(), resolvedConf, request.dns, settings)
    const { network, link } = found
    const observed = {
      bridge: settings.bridge,
      link,
      network,
      internal: settings.internal,
      mtu: settings.mtu ?? uplinkMtu(),
      forwarding: forwardingOf(runRoot),
      forwarding6: settings.ipv6 ? forwarding6Of(runRoot) : undefined,
      ipv6,
      rules,
      resolvConf,
    }
    const lease = leases.reserve(request.container.id, network, request)
    try {
      const published = publish(runRoot, firewall, found, request.container.id, ports, leadingTo(lease))
      return planBridge(asked, { ...observed, lease, published })
    } catch (error) {
      leases.giveBack(lease)
      throw error
    }
  }

  /** Errors: RT_NET_MODE. */
  async publish(request: NetworkRequest, attachment: NetworkAttachment): Promise<PublishPlan> {
    const { publishLater } = await import('./upkeep/index.ts')
    return publishLater(await this.#driver(), request, attachment)
  }

  async probe(): Promise<Probe> {
    const { probeBridge } = await import('./upkeep/index.ts')
    return probeBridge(await this.#driver())
  }

  /** Errors: RT_NET_SUBNET_INVALID, RT_NET_SUBNET_OVERLAP, RT_NET_BRIDGE_FOREIGN, RT_NET_NO_IPV6, RT_DRIVER_OPTION. */
  async define(wish: NetworkWish, others: readonly NetworkDefinition[]): Promise<NetworkDefinition> {
    const { define } = await import('./upkeep/index.ts')
    return define(await this.#driver(), wish, others)
  }

  async remove(network: NetworkDefinition): Promise<readonly HostStep[]> {
    const { remove } = await import('./upkeep/index.ts')
    return remove(await this.#driver(), network)
  }

  async look(network?: NetworkDefinition): Promise<NetworkSight> {
    const { look } = await import('./upkeep/index.ts')
    return look(await this.#driver(), network)
  }

  /** Rules and forwarding, after a flush or a firewall's restart. Nothing where a bridge is not there. */
  async reload(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]> {
    const { reload } = await import('./upkeep/index.ts')
    return reload(await this.#driver(), networks)
  }

  /** `live` must also have the containers that are being started: an address is given back when its owner is not in it. */
  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    const { gc } = await import('./upkeep/index.ts')
    return gc(await this.#driver(), live)
  }

  /** The bridges go with their rules and leases, and the host forwards again as it did before. */
  async reset(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]> {
    const { reset } = await import('./upkeep/index.ts')
    return reset(await this.#driver(), networks)
  }

  async #driver(): Promise<BridgeDriver> {
    return { runRoot: this.#runRoot, options: this.#options, firewall: await this.#firewall() }
  }

  async #firewall(): Promise<Firewall> {
    const { createFirewall } = await import('./firewall/create-firewall.ts')
    return createFirewall(this.#options.firewall, { runRoot: this.#runRoot })
  }
}
