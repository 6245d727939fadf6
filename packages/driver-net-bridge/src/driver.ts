import type {
  ContainerId,
  DriverContext,
  HostStep,
  NetworkDriver,
  NetworkPlan,
  NetworkRequest,
  Probe,
} from '@rt/driver-api'
import { formatIpv4 } from './address/ipv4.ts'
import { formatSubnet } from './address/subnet.ts'
import { type BridgeLink, type BridgeNetwork, chooseSubnet } from './choose-subnet.ts'
import { createFirewall } from './firewall/create-firewall.ts'
import type { Firewall, FirewalledBridge } from './firewall/firewall.ts'
import { notePaths } from './firewall/notes.ts'
import { knownBridges, removeBridge, removeStep, restoreForwarding } from './gc.ts'
import { recall, remember, thisPlace } from './known-state.ts'
import { LeaseStore } from './leases/lease-store.ts'
import { findBridge, hasIpv6, hostResolvConf, hostRoutes, isForwarding, resolvedConf, uplinkMtu } from './observe.ts'
import { type BridgeOptions, readBridgeOptions } from './options.ts'
import { bridgeDirectory, forwardingFile, forwardingSteps, planBridge } from './plan.ts'
import { probeBridge } from './probe.ts'
import { containerResolvConf } from './resolv-conf.ts'

/** What is known of the bridge before a container is looked at. */
interface Bridge {
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
  readonly firewalled: FirewalledBridge
}

/** Containers on a switch of their own, reaching out under the host's address: Docker's default network. */
export default class BridgeNetworkDriver implements NetworkDriver {
  readonly namespace = 'new'
  readonly #context: DriverContext
  readonly #options: BridgeOptions
  readonly #directory: string
  readonly #firewall: Firewall

  /** Throws RT_DRIVER_OPTION. */
  constructor(context: DriverContext) {
    this.#context = context
    this.#options = readBridgeOptions(context.options)
    this.#directory = bridgeDirectory(context.runRoot, this.#options.name)
    this.#firewall = createFirewall('iptables', { runRoot: context.runRoot })
  }

  async probe(): Promise<Probe> {
    return probeBridge(this.#options)
  }

  /** Reserves an address; the rest is steps. Errors: RT_NET_*, RT_DRIVER_OPTION, RT_TOOL_MISSING. */
  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const { name } = this.#options
    const { link, network, firewalled } = this.#observe()
    const leases = new LeaseStore(this.#directory)
    const address = leases.reserve(request.container.id, network.subnet, network.gateway)
    return planBridge(request, {
      bridge: name,
      link,
      network,
      firewall: this.#firewall.ensure(firewalled),
      address,
      lease: leases.path(address),
      mtu: this.#options.mtu ?? uplinkMtu(),
      forwarding: isForwarding(),
      forwardingFile: forwardingFile(this.#context.runRoot),
      ipv6: hasIpv6(),
      resolvConf: containerResolvConf(hostResolvConf(), resolvedConf, request.dns),
    })
  }

  /** Rules and forwarding, after a flush or a firewall's restart. Nothing where the bridge is not there. */
  async reload(): Promise<readonly HostStep[]> {
    const { link, firewalled } = this.#observe()
    if (link === undefined) return []
    const forwarding = { forwarding: isForwarding(), forwardingFile: forwardingFile(this.#context.runRoot) }
    return [...forwardingSteps(forwarding), ...this.#firewall.reload([{ bridge: firewalled, ports: [] }])]
  }

  /** `live` must also have the containers that are being started: an address is given back when its owner is not in it. */
  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    const { runRoot } = this.#context
    return knownBridges(runRoot, this.#options.name)
      .flatMap((bridge) => new LeaseStore(bridgeDirectory(runRoot, bridge)).stale(live))
      .map(removeStep)
  }

  /** The bridges go with their rules and leases, and the host forwards again as it did before. */
  async reset(): Promise<readonly HostStep[]> {
    const { runRoot } = this.#context
    const bridges = knownBridges(runRoot, this.#options.name)
    if (bridges.length === 0) return []
    return [
      ...(await this.gc(new Set())),
      ...this.#firewall.remove(bridges),
      ...bridges.flatMap((bridge) => removeBridge(runRoot, bridge)),
      ...restoreForwarding(runRoot),
      removeStep(notePaths(runRoot).lock),
    ]
  }

  #observe(): Bridge {
    const { name, masquerade } = this.#options
    const place = thisPlace()
    const known = recall(this.#directory, place)
    const found = findBridge(name, known)
    const link = found?.link
    const network = chooseSubnet(this.#options, link, hostRoutes)
    const address = `${formatIpv4(network.gateway)}/${network.subnet.prefix}`
    if (found !== undefined && known?.index !== found.index && link?.addresses.includes(address)) {
      remember(this.#directory, { place, index: found.index, address })
    }
    const subnets = { v4: formatSubnet(network.subnet) }
    return { link, network, firewalled: { bridge: name, subnets, masquerade, internal: false } }
  }
}
