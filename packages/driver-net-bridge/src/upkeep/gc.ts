import type { ContainerId, HostStep } from '@rt/driver-api'
import { knownBridges } from '../known-bridges.ts'
import { staleLeases } from '../leases/stale.ts'
import { bridgeDirectory } from '../paths.ts'
import type { BridgeDriver } from './bridge-driver.ts'
import { publishedOn } from './published.ts'

/** Takes away rules, notes and leases of containers that are not in `live`. */
export const gc = ({ runRoot, firewall }: BridgeDriver, live: ReadonlySet<ContainerId>): readonly HostStep[] =>
  knownBridges(runRoot, []).flatMap((bridge) => {
    const dead = publishedOn(runRoot, bridge).filter(({ container }) => !live.has(container))
    return [
      ...(dead.length === 0
        ? []
        : firewall.unpublish(
            bridge,
            dead.flatMap(({ ports }) => ports),
          )),
      ...dead.map(({ path }) => removeStep(path)),
      ...staleLeases(bridgeDirectory(runRoot, bridge), live).map(removeStep),
    ]
  })

export const removeStep = (path: string): HostStep => ({
  where: 'host',
  op: 'file.remove',
  path,
  why: 'It belongs to no container that is there.',
})
