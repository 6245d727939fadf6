import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  booleanOption,
  type ContainerId,
  type DriverContext,
  declaredOptions,
  type HostStep,
  isRtError,
  type NetworkAttachment,
  type NetworkDefinition,
  type NetworkDriver,
  type NetworkPlan,
  type NetworkRequest,
  type NetworkSight,
  type NetworkWish,
  type OptionValues,
  option,
  type Probe,
  pathOption,
  RtError,
  textOption,
} from '@rt/driver-api'
import { attachmentOf } from './attachment.ts'
import { type Chain, findChain } from './conflist.ts'
import { type Program, planCni, staleStates, statePath } from './plan.ts'

/** The section `network.cni` of the config. */
const OPTIONS = {
  conflist: option(pathOption, {
    description: 'The network configuration list.',
    unset: 'the first one of `directory`, by name',
  }),
  directory: option(pathOption, {
    description: 'Where network configurations lie, as other runtimes have them.',
    default: '/etc/cni/net.d',
  }),
  path: option(textOption('directories with colons between them', /^\/[^\0]*$/), {
    description: 'Where the plugins lie.',
    default: '/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni',
  }),
  check: option(booleanOption, {
    description: 'Whether the plugins are asked (CHECK) if all is as it should be, before the program starts.',
    default: false,
  }),
} as const

/** Of `rt network create --opt`. */
const NETWORK_OPTIONS = { conflist: OPTIONS.conflist } as const

/** Containers on networks of CNI plugins: whatever Kubernetes nodes use, flannel, Calico and Cilium included. */
export default class CniNetworkDriver implements NetworkDriver {
  static readonly options = OPTIONS

  readonly namespace = 'new'
  readonly #options: OptionValues<typeof OPTIONS>
  readonly #directory: string

  /** @throws RtError RT_DRIVER_OPTION */
  constructor(context: DriverContext) {
    this.#options = declaredOptions('network.cni', context.options, OPTIONS)
    this.#directory = join(context.runRoot, 'net', 'cni')
  }

  async probe(): Promise<Probe> {
    try {
      const { list, file } = this.#chain()
      return { ok: true, detail: `${file}: ${list.plugins.map(({ type }) => type).join(', ')}` }
    } catch (error) {
      if (!isRtError(error)) throw error
      return { ok: false, reason: error.message, remedy: error.remedy }
    }
  }

  async setup(request: NetworkRequest): Promise<NetworkPlan> {
    const chain = this.#chain(request.network)
    return planCni(request, chain, { directory: this.#directory, program: PROGRAM, check: this.#options.check })
  }

  /** Which addresses there are, the plugins have said; `setup` could not know. */
  async attached(request: NetworkRequest, planned: NetworkAttachment): Promise<NetworkAttachment> {
    return attachmentOf(request, planned, statePath(this.#directory, request))
  }

  /** @throws RtError RT_CNI_* */
  async define(wish: NetworkWish): Promise<NetworkDefinition> {
    this.#chain(wish)
    if (wish.subnets.length === 0 && !wish.internal && !wish.ipv6) return { ...wish, subnets: [] }
    throw new RtError('RT_NET_SUBNET_INVALID', 'What addresses a CNI network has is in its configuration list', {
      remedy: 'Write them there, and leave out --subnet, --ipv6 and --internal.',
    })
  }

  /** What plugins made for all containers (a bridge) is theirs: CNI has no word for taking it away. */
  async remove(): Promise<readonly HostStep[]> {
    return []
  }

  async look(): Promise<NetworkSight> {
    return { way: 'routed' }
  }

  async gc(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]> {
    return staleStates(this.#directory, live)
  }

  #chain(network?: Pick<NetworkDefinition, 'options'>): Chain {
    const { conflist } = declaredOptions('--opt', network?.options ?? {}, NETWORK_OPTIONS)
    return findChain({ ...this.#options, ...(conflist !== undefined && { conflist }) })
  }
}

/** The program that runs the plugins, as it lies beside this file: compiled or not. */
const isSource = import.meta.url.endsWith('.ts')
const file = fileURLToPath(new URL(isSource ? './chain.ts' : './chain.js', import.meta.url))
const PROGRAM: Program = {
  node: process.execPath,
  name: isSource ? 'chain.mts' : 'chain.mjs',
  text: () => readFileSync(file, 'utf8'),
}
