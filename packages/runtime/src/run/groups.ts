import type { CgroupPlan, ContainerId, IsolationDriver, OciDevice, OciResources } from '@rt/driver-api'
import type { SpecFlags } from '../spec/index.ts'

/** What was asked for beyond what every container gets, in the OCI spec's words. */
export interface AskedResources {
  readonly resources?: OciResources
  readonly devices?: readonly OciDevice[]
}

/** Most containers ask for nothing, and then nothing is loaded. @throws RtError RT_LIMIT_INVALID, RT_USAGE */
export const askedResources = async (flags: SpecFlags): Promise<AskedResources> => {
  const { limits, devices = [], deviceRules = [], privileged = false } = flags
  const asksForDevices = devices.length > 0 || deviceRules.length > 0 || privileged
  if (limits === undefined && !asksForDevices) return {}
  const { parseLimits, askedDevices } = await import('../spec/asked.ts')
  const parsed = parseLimits(limits ?? {})
  if (!asksForDevices) return parsed === undefined ? {} : { resources: parsed }
  const { nodes, rules } = askedDevices({ devices, deviceRules, privileged })
  return { resources: { ...parsed, devices: rules }, ...(nodes.length > 0 && { devices: nodes }) }
}

/**
 * The container's control groups, with the limits that they set.
 * @param tell is given what this host cannot do of what nobody asked for by name
 * @throws RtError RT_LIMIT_INVALID, RT_LIMIT_UNSUPPORTED
 */
export const planGroups = async (
  isolation: IsolationDriver,
  id: ContainerId,
  flags: SpecFlags,
  tell: (line: string) => void = () => {},
): Promise<CgroupPlan> => {
  const { resources } = await askedResources(flags)
  const cgroups = await isolation.cgroups?.({ id, ...(resources && { resources }) })
  for (const line of cgroups?.warnings ?? []) tell(line)
  return cgroups ?? { enter: [], directories: [], leave: [] }
}
