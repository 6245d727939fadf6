import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import {
  type ContainerId,
  type DriverContext,
  declaredOptions,
  type HostStep,
  integerOption,
  type NetworkCapabilities,
  type NetworkDriver,
  type NetworkPlan,
  type NetworkRequest,
  type OptionsSchema,
  option,
  type Probe,
} from '@rt/driver-api'

const OPTIONS = {
  mtu: option(integerOption('bytes', 1280, 65535), { description: 'The MTU of the cable.', default: 1400 }),
}

/** A cable between each container and the host, and no way further: a network driver that keeps its promises. */
export default class Wire implements NetworkDriver {
  static readonly options: OptionsSchema = OPTIONS
  static readonly capabilities: Partial<NetworkCapabilities> = {
    peers: false,
    outside: false,
    ports: false,
    addresses: false,
    combine: false,
  }
  readonly namespace: NetworkPlan['namespace'] = 'new'
  /** A file for each number that is taken, with the id of its container. */
  protected readonly leases: string
  readonly #mtu: number

  constructor({ options, runRoot }: DriverContext) {
    this.leases = `${runRoot}/net/wire`
    this.#mtu = declaredOptions('network.wire', options, OPTIONS).mtu
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async setup({ container }: NetworkRequest): Promise<NetworkPlan> {
    return this.planWith(this.take(container.id), container.id)
  }

  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    mkdirSync(this.leases, { recursive: true })
    return readdirSync(this.leases).flatMap((name) => {
      const id = readFileSync(`${this.leases}/${name}`, 'utf8')
      return live.has(id as ContainerId) ? [] : [this.free(Number(name), id)]
    })
  }

  /** The first number that nobody has. */
  protected take(id: string, number = 1): number {
    mkdirSync(this.leases, { recursive: true })
    try {
      writeFileSync(`${this.leases}/${number}`, id, { flag: 'wx' })
      return number
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return this.take(id, number + 1)
      throw error
    }
  }

  protected free(number: number, id: string): HostStep {
    const why = 'The number may be given to another container.'
    return { where: 'host', op: 'file.remove', path: `${this.leases}/${number}`, holding: id, why }
  }

  protected planWith(number: number, id: string): NetworkPlan {
    // Of the id: a cable goes a moment after its container, and the next one has the number already.
    const [link, mac] = [`w${id.slice(0, 12)}`, `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`]
    const mtu = this.#mtu
    const [ours, theirs] = [`10.77.${number}.1/30`, `10.77.${number}.2/30`]
    const why = 'A cable from the host to the container.'
    return {
      namespace: 'new',
      enter: [
        { where: 'netns', op: 'link.set', name: 'lo', up: true, why: 'Programs expect 127.0.0.1 to answer.' },
        { where: 'host', op: 'link.add', name: link, mtu, kind: 'veth', peer: { name: 'eth0', mac, mtu }, why },
        { where: 'host', op: 'addr.add', link, address: ours, why },
        { where: 'host', op: 'link.set', name: link, up: true, why },
        { where: 'netns', op: 'addr.add', link: 'eth0', address: theirs, why },
        { where: 'netns', op: 'link.set', name: 'eth0', up: true, why },
      ],
      leave: [this.free(number, id)],
      attachment: { driver: 'wire', interfaces: [{ name: 'eth0', mac, mtu, addresses: [theirs], hostEnd: link }] },
    }
  }
}
