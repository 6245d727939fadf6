import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  booleanOption,
  type ContainerId,
  type DriverContext,
  declaredOptions,
  type HostStep,
  integerOption,
  type NetworkDriver,
  type NetworkPlan,
  type NetworkRequest,
  type NetworkSight,
  type OptionReader,
  type OptionValues,
  option,
  type Probe,
} from '@rt/driver-api'
import { planSlirp, staleSockets } from './plan.ts'

const networkOption: OptionReader<string> = {
  expected: 'the first three numbers of an IPv4 network with a dot between them, such as 10.0.2',
  read: (value) =>
    typeof value === 'string' &&
    /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.test(value) &&
    value.split('.').every((part) => Number(part) < 256)
      ? value
      : undefined,
}

/** The section `network.slirp4netns` of the config. */
const OPTIONS = {
  network: option(networkOption, {
    description: 'The /24 that the container believes to be in; it has nothing to do with the networks of the host.',
    default: '10.0.2',
  }),
  mtu: option(integerOption('bytes', 1280, 65521), {
    description:
      'Of the container\u2019s interface: large ones are fast, because no packet is ever sent anywhere in this size.',
    default: 65520,
  }),
  hostLoopback: option(booleanOption, {
    description:
      'Whether the container reaches what listens on 127.0.0.1 of the host, at the address .2 of its network.',
    default: false,
  }),
} as const

export type SlirpOptions = OptionValues<typeof OPTIONS>

/**
 * Each container has a TCP/IP stack of its own in an ordinary program, slirp4netns, which opens the container's connections as if they were
 * its own. The host gets no interface, no address, no route and no rule.
 */
export default class SlirpNetworkDriver implements NetworkDriver {
  static readonly options = OPTIONS
  /** All containers have the same address, and each is alone with its program. */
  static readonly capabilities = { peers: false, host: false, addresses: false, combine: false }

  readonly namespace = 'new'
  /** It is slirp4netns that listens on published ports. */
  readonly ownPorts = true

  readonly #options: SlirpOptions
  readonly #directory: string

  /** @throws RtError RT_DRIVER_OPTION */
  constructor(context: DriverContext) {
    this.#options = declaredOptions('network.slirp4netns', context.options, OPTIONS)
    this.#directory = join(context.runRoot, 'net', 'slirp4netns')
  }

  async probe(): Promise<Probe> {
    if (!isInstalled('slirp4netns'))
      return {
        ok: false,
        reason: 'the program slirp4netns is not installed',
        remedy: 'Install it: apt-get install slirp4netns',
      }
    if (!existsSync('/dev/net/tun'))
      return { ok: false, reason: 'there is no /dev/net/tun', remedy: 'Load the module: modprobe tun' }
    return { ok: true, detail: `each container in a ${this.#options.network}.0/24 of its own` }
  }

  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    return planSlirp(request, {
      ...this.#options,
      directory: this.#directory,
      node: process.execPath,
      forward: FORWARD,
    })
  }

  async look(): Promise<NetworkSight> {
    return { way: 'nat' }
  }

  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    return staleSockets(this.#directory, live)
  }
}

/** The program beside this file, as it lies here: compiled or not. */
const FORWARD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './forward.ts' : './forward.js', import.meta.url),
)

const isInstalled = (program: string): boolean =>
  `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .some((directory) => {
      try {
        accessSync(join(directory, program), constants.X_OK)
        return true
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
        throw error
      }
    })
