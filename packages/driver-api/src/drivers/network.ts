import type { ContainerId } from '../identity.ts'
import type { Probe } from '../probe.ts'
import type { HostStep, NetnsStep } from '../steps/host.ts'
import type { ContainerIdentity, DriverClass } from './context.ts'

/** One address range of a network. */
export interface NetworkSubnet {
  /** CIDR without host bits, IPv4 or IPv6. */
  readonly subnet: string
  /** The host's own address in it; undefined in what a user asks for: the driver chooses. */
  readonly gateway?: string
  /** CIDR within `subnet`: containers get addresses of this part only. */
  readonly ipRange?: string
}

/** A network as the user asks for it (`rt network create`). */
export interface NetworkWish {
  readonly name: string
  /** 64 hexadecimal digits, as a container's. */
  readonly id: string
  /** Empty: the driver chooses. */
  readonly subnets: readonly NetworkSubnet[]
  /** No way out of it and none in. */
  readonly internal: boolean
  readonly ipv6: boolean
  /** `--opt KEY=VALUE`; keys are the driver's own. */
  readonly options: Readonly<Record<string, string>>
}

/** A network that is there: nothing of it is open any more. Kept by the runtime and given back to the driver as it was. */
export interface NetworkDefinition extends NetworkWish {
  readonly subnets: readonly (NetworkSubnet & { readonly gateway: string })[]
}

/** A port of the host that leads to one of the container's, from the host itself, too. The runtime holds the host's port for as long as the container lives. */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp'
  /** Of the host: `0.0.0.0` and `::` are all of a family. */
  readonly hostAddress: string
  /** 1 to 65535, chosen already where the user left it open. */
  readonly hostPort: number
  /** 1 to 65535. */
  readonly containerPort: number
}

/** One container that is about to be connected. */
export interface NetworkRequest {
  readonly container: ContainerIdentity
  /** Nameservers that the user gave (`--dns`), in order; empty: the driver decides. */
  readonly dns: readonly string[]
  /** undefined: the driver's own network, which needs no definition. */
  readonly network?: NetworkDefinition
  /** The name inside; `eth0` where undefined. */
  readonly interface?: string
  /** Whether it is the container's way out (default route, published ports): exactly one of its networks is. undefined: it is. */
  readonly primary?: boolean
  /** IPv4 address asked for by the user (`--ip`), without prefix length. */
  readonly ip?: string
  /** IPv6 address asked for by the user (`--ip6`), without prefix length. */
  readonly ip6?: string
  /** Asked for by the user (`--mac-address`): six pairs of hexadecimal digits with colons. */
  readonly mac?: string
  /** What the user published. Never there where `capabilities.ports` is false. */
  readonly ports?: readonly PublishedPort[]
}

/** What the container's `inspect` shows of its network. */
export interface NetworkAttachment {
  /** The driver's own name. */
  readonly driver: string
  /** What the container will find inside, without `lo` where it only has that besides others. */
  readonly interfaces: readonly NetworkInterface[]
  /** Its addresses mean something to itself alone (each container of a userspace stack has the same): nobody is to find it by name there. */
  readonly unreachable?: boolean
  /** Text for the container's resolv.conf; undefined: the host's, as it is. */
  readonly resolvConf?: string
}

/** One interface inside the container. */
export interface NetworkInterface {
  readonly name: string
  readonly mac: string
  /** Bytes. */
  readonly mtu: number
  /** With prefix length, `172.16.0.2/16`. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
  /** The other end of its cable, on the host; undefined: it has none there. */
  readonly hostEnd?: string
}

/** A network as it is on this host at the moment. */
export interface NetworkSight {
  /** The host's interface of it; undefined: it has none, or none yet. */
  readonly device?: {
    readonly name: string
    /** With prefix length. */
    readonly addresses: readonly string[]
    /** Names of the interfaces that are plugged into it. */
    readonly ports: readonly string[]
  }
  /** How packets leave it: under the host's address, under their own, as the host's, or not at all. */
  readonly way: 'nat' | 'routed' | 'host' | 'none'
  /** Of the driver's own network: what its containers get their addresses of, or will get them of as the host is now. undefined: none, or not known. */
  readonly subnets?: readonly (NetworkSubnet & { readonly gateway: string })[]
}

/** How one container is connected: steps, and what comes of them. */
export interface NetworkPlan {
  /** `new`: an anonymous namespace that lives as long as the container; `host`: the host's own; `join`: the one of `process`. */
  readonly namespace: 'new' | 'host' | 'join'
  /** Its start time (clock ticks after boot) tells it from a later one of the same number. undefined with `join`: there is none now, and no start. */
  readonly process?: { readonly pid: number; readonly startTime: string }
  /**
   * Performed in order before the container starts: `host` steps in the host's network namespace, `netns` steps in the container's. When one
   * fails, those of this start that changed something and are not `shared` are undone in reverse, then `leave` is performed.
   */
  readonly enter: readonly (HostStep | NetnsStep)[]
  /**
   * Clean-up of what outlives the container's namespaces, on disk before the first `enter` step runs. Performed once the container has ended, by
   * whoever notices: the monitor, or after a crash the next rt, perhaps twice, perhaps after a reboot, perhaps when the driver's package is
   * gone. So every step must do without the driver and succeed when its work is done already.
   */
  readonly leave: readonly HostStep[]
  /** Takes the interface out of a namespace that lives on (`rt network disconnect`); `leave` comes after it. Without it there is no disconnecting. */
  readonly disconnect?: readonly (HostStep | NetnsStep)[]
  readonly attachment: NetworkAttachment
}

/** How published ports come to lead to a container that is connected already. */
export interface PublishPlan {
  readonly enter: readonly HostStep[]
  /** As a network plan's `leave`, and on disk before `enter` is performed, too. */
  readonly leave: readonly HostStep[]
}

/** What a network driver can do. Each is true where the driver's class does not say otherwise. */
export interface NetworkCapabilities {
  /** Containers on the same network reach each other. */
  readonly peers: boolean
  /** Container and host reach each other. */
  readonly host: boolean
  /** Containers reach what is beyond the host. */
  readonly outside: boolean
  /** Ports can be published (`-p`). */
  readonly ports: boolean
  /** The user may ask for addresses (`--ip`, `--ip6`, `--mac-address`). */
  readonly addresses: boolean
  /** A container can have this network together with others. */
  readonly combine: boolean
}

export const NETWORK_CAPABILITIES: NetworkCapabilities = {
  peers: true,
  host: true,
  outside: true,
  ports: true,
  addresses: true,
  combine: true,
}

/**
 * How containers are connected.
 *
 * All methods are called as root, in the host's namespaces. They may read the kernel; what is to be changed they answer as steps. One that
 * throws an `RtError` is quoted to the user; anything else becomes RT_DRIVER_FAILED. A third party's method that has not answered after ten
 * seconds is given up as RT_DRIVER_TIMEOUT.
 */
export interface NetworkDriver {
  /**
   * What every plan of this driver's will say, where it is always the same. The runtime then makes a new namespace while it still asks
   * the driver, which saves a start that time; undefined: it waits for the plan.
   */
  readonly namespace?: NetworkPlan['namespace']
  /** Where a published port listens that was given no address, as the driver is configured; undefined: on all addresses. */
  readonly publishAddress?: string | undefined
  /** Whether the driver's own network has IPv6: only then are ports held for it at `::`, too. */
  readonly ipv6?: boolean
  /**
   * A program of the driver's listens on published ports itself (a userspace network stack). The runtime then only makes sure that they are
   * free, and lets go of them before the first `enter` step; otherwise it holds them for as long as the container lives.
   */
  readonly ownPorts?: boolean
  /** Can this host do it? Called by `rt doctor` and `rt drivers verify`; changes nothing, and does not throw for what a host lacks. */
  probe(): Promise<Probe>
  /**
   * Called for every start, concurrently for different containers, in as many processes. May reserve a lease (a file below `runRoot` that names the
   * container, so that `gc` can tell whose it was); must not change anything else: it answers with steps.
   *
   * @throws RtError RT_NET_* for what cannot be had on this host, or was asked for and is taken
   */
  setup(request: NetworkRequest): Promise<NetworkPlan>
  /**
   * Where only the `enter` steps show what comes of them, because a program chooses the address: called after they were performed, and
   * answers what `setup` could not know, of which names and resolv.conf are then made. `planned` is what `setup` said. Reads what the steps
   * have left (a file below `runRoot`, say) and changes nothing. The steps of such a driver are performed before all others.
   */
  attached?(request: NetworkRequest, planned: NetworkAttachment): Promise<NetworkAttachment>
  /**
   * For `network disconnect`, where a running container leaves the network that its published ports led through: from now on they are to lead
   * to `attachment`, which this driver's `setup` has made without them. The runtime holds the ports all the time. Changes nothing. Without it
   * they lead nowhere until the container's next start.
   *
   * @throws RtError RT_NET_MODE where nothing can be published
   */
  publish?(request: NetworkRequest, attachment: NetworkAttachment): Promise<PublishPlan>
  /**
   * For `network create`, under the store's lock: checks what the user asks for against the host and the driver's `others`, and chooses
   * what was left open. Changes nothing: a network comes into being with its first container. A driver without it has only its own network.
   *
   * @throws RtError RT_NET_*, RT_DRIVER_OPTION
   */
  define?(wish: NetworkWish, others: readonly NetworkDefinition[]): Promise<NetworkDefinition>
  /** For `network rm`: takes away all that `network` has on the host. Called only when no container is connected; idempotent. */
  remove?(network: NetworkDefinition): Promise<readonly HostStep[]>
  /** For pictures (`network inspect --graph`); changes nothing. undefined: the driver's own network. */
  look?(network?: NetworkDefinition): Promise<NetworkSight>
  /** For `network reload`: puts back what somebody flushed, of the driver's own network and of `networks`, published ports as well. */
  reload?(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]>
  /**
   * Frees what belongs to no container of `live`: called under the store's lock after a crash that may have hidden a lease from its `leave`, and
   * after a reboot. `live` also has the containers that are being started.
   */
  gc?(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]>
  /** For `system reset`: removes what all containers shared and puts the host back as it was found. Called only when no container lives. */
  reset?(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]>
}

/** The default export of a network driver's package. */
export type NetworkDriverClass = DriverClass<NetworkDriver, NetworkCapabilities>
