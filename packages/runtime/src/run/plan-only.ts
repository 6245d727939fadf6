import type { ContainerIdentity } from '@rt/driver-api'
import type { Image } from '@rt/images'
import { performLeave } from '@rt/native'
import type { Drivers } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { RunRequest } from '../request.ts'
import type { CallerEnv } from '../spec/index.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { planGroups } from './groups.ts'
import { askedMounts } from './mounts.ts'
import { type ContainerPlan, planContainer } from './plan.ts'
import { askedPorts, heldPorts } from './ports.ts'

interface PlanOnlyInput {
  readonly layout: Layout
  readonly drivers: Omit<Drivers, 'network'>
  readonly networks: readonly ResolvedNetwork[]
  readonly image: Image
  readonly identity: ContainerIdentity
  readonly request: RunRequest
  /** undefined: as asked for. */
  readonly mounts?: readonly MountPoint[]
  readonly env?: CallerEnv
  readonly tell?: (line: string) => void
}

/** A plan that nobody performs: what was reserved for it, leases and ports, is given back. Errors: as of a start. */
export const planOnly = async ({ tell, ...input }: PlanOnlyInput): Promise<ContainerPlan> => {
  const { layout, networks, image, request, drivers } = input
  const { id } = input.identity
  const asked = await askedPorts(request, image.config.config, networks, tell)
  const mounts = input.mounts ?? (await askedMounts(layout, request, image.config.config))
  const cgroups = await planGroups(drivers.isolation, id, request.spec, tell)
  const { ports, close } = await heldPorts(layout, id, asked, networks)
  try {
    const plan = await planContainer({ ...input, ports, cgroups, mounts })
    const [error] = performLeave(plan.network.leave)
    if (error) throw error
    if (plan.network.namespace === 'join' && !plan.network.process)
      throw (await import('../networks/container-mode.ts')).notJoinable(plan.network)
    if (request.spec.pid === undefined) return plan
    const { sharedPid } = await import('./shared-pid.ts')
    return { ...plan, joined: sharedPid(layout, request.spec, cgroups).joined }
  } finally {
    close()
  }
}
