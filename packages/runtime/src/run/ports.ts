import { type ContainerId, RtError } from '@rt/driver-api'
import type { ImageConfig } from '@rt/images'
import type { Layout } from '../layout.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { HeldPorts, WantedPort } from '../ports/index.ts'
import type { RunRequest } from '../request.ts'

const NONE: HeldPorts = { ports: [], fds: [], close: () => {} }

/** The ports that a container publishes. Most publish none, and then nothing is loaded. */
export interface AskedPorts {
  readonly wanted: readonly WantedPort[]
  /** `80/tcp` */
  readonly exposed?: readonly string[]
}

/**
 * @param tell is told where ports are left out
 * @throws RtError RT_PORT_INVALID, RT_NET_MODE
 */
export const askedPorts = async (
  request: RunRequest,
  image: ImageConfig['config'],
  [network]: readonly ResolvedNetwork[],
  tell: (line: string) => void = () => {},
): Promise<AskedPorts> => {
  if (network?.joined) {
    const { checkContainerMode } = await import('../networks/container-mode.ts')
    checkContainerMode(request)
  }
  const { publish = [], publishAll = false, expose = [] } = request
  // An image may name what rt has no word for (sctp): nobody here has asked for it.
  const ofImage = Object.keys(image?.ExposedPorts ?? {}).filter((port) => /^\d{1,5}(-\d{1,5})?\/(tcp|udp)$/.test(port))
  if (publish.length === 0 && expose.length === 0 && !publishAll)
    return ofImage.length === 0 ? { wanted: [] } : { wanted: [], exposed: ofImage }
  const { exposedPorts, wantedPorts } = await import('../ports/index.ts')
  const wanted = wantedPorts({ publish, publishAll, expose }, ofImage)
  const exposed = { exposed: exposedPorts(expose, ofImage) }
  if (wanted.length === 0 || network === undefined) return { wanted, ...exposed }
  if (network.driver.namespace === 'host') {
    tell('In the network of the host nothing is published: what the container listens on is a port of the host.')
    return { wanted: [], ...exposed }
  }
  if (!network.capabilities.ports)
    throw new RtError(
      'RT_NET_MODE',
      `A container with --network=${network.name} cannot publish ports: nothing leads to it`,
      { remedy: 'Leave out -p, or use another network.' },
    )
  return { wanted, ...exposed }
}

/** Takes the ports of the host. @throws RtError RT_PORT_TAKEN, RT_PORT_INVALID */
export const heldPorts = async (
  layout: Layout,
  container: ContainerId,
  { wanted }: AskedPorts,
  [network]: readonly ResolvedNetwork[],
): Promise<HeldPorts> => {
  if (wanted.length === 0 || network === undefined) return NONE
  const { holdPorts } = await import('../ports/index.ts')
  const held = holdPorts(layout, container, wanted, publishAddresses(network))
  if (network.driver.ownPorts !== true) return held
  held.close()
  return { ...NONE, ports: held.ports }
}

/** For ports that are given none. */
const publishAddresses = ({ driver, definition }: ResolvedNetwork): readonly string[] => {
  if (driver.publishAddress !== undefined) return [driver.publishAddress]
  const ipv6 = definition ? definition.subnets.some(({ subnet }) => subnet.includes(':')) : driver.ipv6
  return ipv6 ? ['0.0.0.0', '::'] : ['0.0.0.0']
}
