import { type HostStep, isRtError, type NetworkRequest } from '@rt/driver-api'
import { performLeave, performSteps } from '@rt/native'
import type { Context } from '../store/context.ts'
import type { ConnectedNetwork, ContainerRecord } from '../store/record.ts'
import { askedOf } from './join.ts'
import { resolveNetwork } from './resolve.ts'

/** How a running container's published ports come to lead through another one of its networks. */
export interface PortsMove {
  readonly network: ConnectedNetwork
  readonly enter: readonly HostStep[]
  readonly leave: readonly HostStep[]
}

/**
 * Through the first of the networks that are left which leads somewhere: where its way out goes, too. undefined: there is none, or its driver
 * cannot do that while the container runs.
 */
export const planMove = async (
  { layout, registry }: Context,
  { id, name, request, spec, ports = [] }: ContainerRecord,
  rest: readonly ConnectedNetwork[],
): Promise<PortsMove | undefined> => {
  const network = rest.find(({ attachment }) => attachment.interfaces.some(({ gateway }) => gateway !== undefined))
  if (network === undefined) return undefined
  const resolved = await resolveNetwork(layout, registry, { name: network.name })
  const { driver, capabilities } = resolved
  if (!driver.publish || !capabilities.ports) return undefined
  const asked: NetworkRequest = {
    container: { id, name, hostname: spec.hostname },
    dns: request.dns,
    ...askedOf(resolved),
    ports,
  }
  return { network, ...(await driver.publish(asked, network.attachment)) }
}

/** Answers what went wrong: then they lead nowhere, and nothing is left of the attempt. */
export const performMove = ({ enter, leave }: PortsMove): string | undefined => {
  try {
    performSteps(enter)
    return undefined
  } catch (error) {
    performLeave(leave)
    if (isRtError(error)) return error.message
    throw error
  }
}

/** With the ports' end among what is undone when the container leaves that network. */
export const withMove = (networks: readonly ConnectedNetwork[], move: PortsMove): readonly ConnectedNetwork[] =>
  networks.map((network) =>
    network === move.network ? { ...network, leave: [...move.leave, ...(network.leave ?? [])] } : network,
  )
