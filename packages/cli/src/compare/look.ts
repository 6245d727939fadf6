import { isRtError } from '@rt/driver-api'
import { type Netns, openNetns } from '@rt/native/look'
import type { Container, Runtime } from '@rt/runtime'
import type { Look } from './comparison.ts'
import { memoryOf } from './measure.ts'
import { monitorMemory, mountsOf, namespacesOf, networkOf, processesSeen } from './observe.ts'
import { type Outside, reachGateway, reachOutside, reachPorts } from './reach.ts'

/** Two containers of the same drivers, from outside: what the one is made of, and whom it reaches. */
export const lookAt = async (
  rt: Runtime,
  container: Container,
  peer: Container,
  outside: Outside | undefined,
): Promise<Look> => {
  const { pid } = container.state
  const namespaces = namespacesOf(pid)
  const shares = (type: string): boolean => namespaces.some((each) => each.type === type && each.shared)
  const [own, others] = [netnsOf(pid), netnsOf(peer.state.pid)]
  try {
    const facts = networkOf(own)
    const peerFacts = networkOf(others)
    const [memory, monitor, way] = [await memoryOf({ rt }, container), monitorMemory(pid), await wayOf(rt, container)]
    return {
      ...facts,
      namespaces,
      mounts: mountsOf(pid, container.record.id),
      processes: { seen: processesSeen(pid), ofHost: shares('pid') },
      memory: { ...(memory !== undefined && { container: memory }), ...(monitor !== undefined && { monitor }) },
      ...(way !== undefined && { way }),
      peer: { ...peerFacts, sameNamespace: own === undefined && others === undefined },
      reach: {
        gateway: reachGateway(own, facts),
        outside: reachOutside(own, outside),
        peer: reachPorts(own, others, peerFacts),
        hostPorts: reachPorts(own, undefined, networkOf(undefined)),
      },
    }
  } finally {
    own?.close()
    others?.close()
  }
}

/** undefined: it is in the host's. */
const netnsOf = (pid: number): Netns | undefined =>
  namespacesOf(pid).some(({ type, shared }) => type === 'net' && shared) ? undefined : openNetns(pid)

/** undefined: its driver does not say. */
const wayOf = async (rt: Runtime, { record }: Container): Promise<Look['way']> => {
  const driver = await rt.drivers.resolve('network', record.drivers.network)
  const [network] = record.networks
  if (!driver.look || !network) return undefined
  if (network.id === undefined) return (await driver.look()).way
  try {
    const { definition } = await (await rt.networks()).inspect(network.name)
    return (await driver.look(definition)).way
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_NET_UNKNOWN') return undefined
    throw error
  }
}
