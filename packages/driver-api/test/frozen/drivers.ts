/** Drivers as they were written for version 1 of the contract. Never change this file: that it compiles is the promise. */
import {
  booleanOption,
  type CgroupPlan,
  type ContainerId,
  choiceOption,
  type DriverContext,
  declaredOptions,
  type HostStep,
  type IsolationDriver,
  type IsolationDriverClass,
  integerOption,
  interfaceNameOption,
  isRtError,
  type LaunchPlan,
  type LaunchRequest,
  type NetworkDefinition,
  type NetworkDriver,
  type NetworkDriverClass,
  type NetworkPlan,
  type NetworkRequest,
  type NetworkSight,
  type NetworkWish,
  type OciResources,
  option,
  type Probe,
  pathOption,
  RtError,
  readOptions,
  type StorageDriver,
  type StorageDriverClass,
  type StoragePlan,
  type StorageRequest,
  type StorageView,
  shortId,
  textOption,
} from '@rt/driver-api'

const OPTIONS = {
  parent: option(interfaceNameOption, { description: 'An interface.', unset: 'the default route’s' }),
  mtu: option(integerOption('bytes', 1280, 65535), { description: 'In bytes.', default: 1500 }),
  mode: option(choiceOption('one', 'two'), { description: 'How.', default: 'one' }),
  on: option(booleanOption, { description: 'Whether.', default: false }),
  path: option(pathOption, { description: 'Where.', unset: 'nowhere' }),
  text: option(textOption('a word', /^\w+$/), { description: 'What.', unset: 'nothing' }),
}

export class FrozenNetwork implements NetworkDriver {
  static readonly options = OPTIONS
  static readonly capabilities = {
    peers: false,
    host: false,
    outside: true,
    ports: false,
    addresses: false,
    combine: false,
  }
  readonly namespace = 'new'
  readonly publishAddress = undefined
  readonly ipv6 = false
  readonly mtu: number
  readonly parent: string | undefined
  readonly mode: 'one' | 'two'

  constructor({ options }: DriverContext) {
    const { mtu, parent, mode } = declaredOptions('network.frozen', options, OPTIONS)
    this.mtu = mtu
    this.parent = parent
    this.mode = mode
    readOptions<{ mtu: number }>('network.frozen', {}, { mtu: integerOption('bytes', 1, 2) })
  }

  async probe(): Promise<Probe> {
    return { ok: false, reason: 'it is frozen', remedy: 'Wait.' }
  }

  async setup({ container, dns, network, primary, ports, ip, mac }: NetworkRequest): Promise<NetworkPlan> {
    if (dns.length > 9)
      throw new RtError('RT_NET_FROZEN', `${shortId(container.id)} has too many.`, { remedy: 'Give fewer.' })
    const release: HostStep = {
      where: 'host',
      op: 'file.remove',
      path: '/run/x',
      holding: container.id,
      why: 'Free again.',
    }
    return {
      namespace: 'new',
      enter: [
        {
          where: 'host',
          op: 'link.add',
          name: 'v1',
          kind: 'veth',
          peer: { name: 'eth0', mac: mac ?? '02:00:00:00:00:01' },
          why: 'A cable.',
        },
        {
          where: 'netns',
          op: 'addr.add',
          link: 'eth0',
          address: `${ip ?? '10.0.0.2'}/24`,
          why: 'An address.',
          see: 'ip-address(8)',
        },
        {
          where: 'netns',
          op: 'route.add',
          to: 'default',
          link: 'eth0',
          why: 'The way out.',
          failure: { '*': { code: 'RT_X', message: 'No.', remedy: 'Yes.' } },
        },
        { where: 'host', op: 'exec', argv: ['true'], why: 'A program.', shared: true, allowFailure: true },
      ],
      leave: [release],
      disconnect: [{ where: 'netns', op: 'link.del', name: 'eth0', why: 'Out.' }],
      attachment: {
        driver: 'frozen',
        resolvConf: `# ${network?.name ?? ''} ${primary} ${ports?.[0]?.hostPort}\n`,
        interfaces: [
          {
            name: 'eth0',
            mac: '02:00:00:00:00:01',
            mtu: this.mtu,
            addresses: ['10.0.0.2/24'],
            gateway: '10.0.0.1',
            hostEnd: 'v1',
          },
        ],
      },
    }
  }

  async define(wish: NetworkWish, others: readonly NetworkDefinition[]): Promise<NetworkDefinition> {
    return {
      ...wish,
      subnets: wish.subnets.map((subnet) => ({
        gateway: `10.0.${others.length}.1`,
        ...subnet,
      })) as NetworkDefinition['subnets'],
    }
  }
  async remove(network: NetworkDefinition): Promise<readonly HostStep[]> {
    return [{ where: 'host', op: 'link.del', name: network.name, why: 'Gone.' }]
  }
  async look(_network?: NetworkDefinition): Promise<NetworkSight> {
    return { way: 'nat', device: { name: 'v0', addresses: [], ports: [] } }
  }
  async reload(_networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]> {
    return []
  }
  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    return live.size === 0 ? [] : []
  }
  async reset(_networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]> {
    return []
  }
}
FrozenNetwork satisfies NetworkDriverClass

export class FrozenStorage implements StorageDriver {
  static readonly capabilities = { keeps: true, view: true }
  async probe(): Promise<Probe> {
    return { ok: true, detail: 'fine', advice: 'Use more.' }
  }
  async prepare({ layers, directory, rootMountPoint, resume }: StorageRequest): Promise<StoragePlan> {
    return {
      enter: resume ? [] : [{ where: 'host', op: 'tree.copy', from: layers[0], to: directory, why: 'A copy.' }],
      mounts: [
        {
          where: 'sandbox',
          op: 'mount',
          source: directory,
          target: rootMountPoint,
          inside: false,
          flags: ['bind'],
          why: 'A root.',
        },
      ],
      leave: [{ where: 'host', op: 'dir.remove', path: `${directory}/x`, why: 'Gone.' }],
    }
  }
  async view({ directory }: Pick<StorageRequest, 'layers' | 'directory'>): Promise<StorageView> {
    return { root: directory }
  }
}
FrozenStorage satisfies StorageDriverClass

export class FrozenIsolation implements IsolationDriver {
  static readonly capabilities = { seccomp: false, capabilities: true, init: false }
  async probe(): Promise<Probe> {
    return { ok: true, detail: isRtError(undefined) ? 'never' : 'fine' }
  }
  async cgroups({ id, resources }: { readonly id: string; readonly resources?: OciResources }): Promise<CgroupPlan> {
    const path = `/sys/fs/cgroup/rt/${id}`
    return {
      enter: [
        { where: 'host', op: 'cgroup.make', path, why: 'A group.' },
        {
          where: 'host',
          op: 'cgroup.write',
          path: `${path}/memory.max`,
          value: String(resources?.memory?.limit ?? 'max'),
          why: 'A limit.',
        },
      ],
      directories: [path],
      leave: [{ where: 'host', op: 'cgroup.remove', path, why: 'Gone.' }],
    }
  }
  async launch({ spec, rootMounts, rootMountPoint }: LaunchRequest): Promise<LaunchPlan> {
    return {
      enter: [],
      sandbox: [
        ...rootMounts,
        { where: 'sandbox', op: 'root.set', path: rootMountPoint, why: 'Here.' },
        { where: 'sandbox', op: 'root.enter', mode: 'pivot', why: 'In.' },
        { where: 'sandbox', op: 'process.capabilities', keep: spec.process.capabilities, why: 'Few.' },
        { where: 'sandbox', op: 'process.exec', argv: spec.process.args, env: spec.process.env, why: 'Go.' },
      ],
      leave: [],
    }
  }
}
FrozenIsolation satisfies IsolationDriverClass
