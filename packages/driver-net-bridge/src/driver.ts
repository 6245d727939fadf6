import { join } from 'node:path'
import type {
  ContainerId,
  DriverContext,
  HostStep,
  NetworkDriver,
  NetworkPlan,
  NetworkRequest,
  Probe,
} from '@rt/driver-api'
import { capture } from '@rt/native'
import { formatIpv4 } from './address/ipv4.ts'
import { type BridgeLink, type BridgeNetwork, chooseSubnet } from './choose-subnet.ts'
import { checkFirewall } from './firewall/check.ts'
import type { Gap } from './firewall/gaps.ts'
import { chainsOf } from './firewall/rules.ts'
import { parseSaved } from './firewall/saved.ts'
import { firewallSteps, oneByOne } from './firewall/steps.ts'
import { knownBridges, removeBridge, removeStep, restoreForwarding } from './gc.ts'
import { recall, remember, thisPlace } from './known-state.ts'
import { LeaseStore } from './leases/lease-store.ts'
import {
  findBridge,
  hasIpv6,
  hostResolvConf,
  hostRoutes,
  isForwarding,
  nftGeneration,
  resolvedConf,
  uplinkMtu,
} from './observe.ts'
import { type BridgeOptions, readBridgeOptions } from './options.ts'
import { bridgeDirectory, bridgesDirectory, forwardingFile, forwardingSteps, planBridge } from './plan.ts'
import { probeBridge } from './probe.ts'
import { containerResolvConf } from './resolv-conf.ts'

/** What is known of the bridge before a container is looked at. */
interface Bridge {
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
  readonly gaps: readonly Gap[]
}

/** Containers on a switch of their own, reaching out under the host's address: Docker's default network. */
export default class BridgeNetworkDriver implements NetworkDriver {
  readonly namespace = 'new'
  readonly #context: DriverContext
  readonly #options: BridgeOptions
  readonly #directory: string

  /** Throws RT_DRIVER_OPTION. */
  constructor(context: DriverContext) {
    this.#context = context
    this.#options = readBridgeOptions(context.options)
    this.#directory = bridgeDirectory(context.runRoot, this.#options.name)
  }

  async probe(): Promise<Probe> {
    return probeBridge(this.#options)
  }

  /** Reserves an address; the rest is steps. Errors: RT_NET_*, RT_DRIVER_OPTION, RT_TOOL_MISSING. */
  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const { name } = this.#options
    const { link, network, gaps } = this.#observe()
    const leases = new LeaseStore(this.#directory)
    const address = leases.reserve(request.container.id, network.subnet, network.gateway)
    const plan = planBridge(request, {
      bridge: name,
      link,
      network,
      gaps,
      address,
      lease: leases.path(address),
      mtu: this.#options.mtu ?? uplinkMtu(),
      forwarding: isForwarding(),
      forwardingFile: forwardingFile(this.#context.runRoot),
      ipv6: hasIpv6(),
      resolvConf: containerResolvConf(hostResolvConf(), resolvedConf, request.dns),
    })
    return { ...plan, enter: oneByOne(plan.enter, this.#firewallLock()) }
  }

  /** Rules and forwarding, after a flush or a firewall's restart. Nothing where the bridge is not there. */
  async reload(): Promise<readonly HostStep[]> {
    const { link, gaps } = this.#observe()
    if (link === undefined) return []
    const forwarding = { forwarding: isForwarding(), forwardingFile: forwardingFile(this.#context.runRoot) }
    return oneByOne([...forwardingSteps(forwarding), ...firewallSteps(this.#options.name, gaps)], this.#firewallLock())
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
    const saved = parseSaved(capture('iptables-save'))
    return [
      ...(await this.gc(new Set())),
      ...oneByOne(
        bridges.flatMap((bridge) => removeBridge(runRoot, bridge, saved)),
        this.#firewallLock(),
      ),
      ...restoreForwarding(runRoot),
      removeStep(this.#firewallLock()),
    ]
  }

  /** Of all bridges: they share tables. It lies beside the leases, which are there before any rule is. */
  #firewallLock(): string {
    return join(bridgesDirectory(this.#context.runRoot), 'firewall.lock')
  }

  #observe(): Bridge {
    const { name, masquerade } = this.#options
    const place = thisPlace()
    const known = recall(this.#directory, place)
    const found = findBridge(name, known)
    const link = found?.link
    const network = chooseSubnet(this.#options, link, hostRoutes)
    const sameFirewall = known?.index === found?.index && known?.firewall?.masquerade === masquerade
    if (sameFirewall && known?.firewall?.generation === nftGeneration()) return { link, network, gaps: [] }
    const chains = chainsOf(name, network.subnet, masquerade)
    const { gaps, generation } = checkFirewall(chains, () => capture('iptables-save'), nftGeneration)
    const address = `${formatIpv4(network.gateway)}/${network.subnet.prefix}`
    // Not under iptables-legacy, whose rules no generation counts: there the file would only be written again and again.
    const isNews = generation !== undefined || known?.index !== found?.index
    if (isNews && found !== undefined && link?.addresses.includes(address)) {
      const firewall = generation === undefined ? {} : { firewall: { masquerade, generation } }
      remember(this.#directory, { place, index: found.index, address, ...firewall })
    }
    return { link, network, gaps }
  }
}
