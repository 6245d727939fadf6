import type { Probe } from '@rt/driver-api'
import { isRtError } from '@rt/driver-api'
import type { DriverModule, DriverRegistry } from './drivers/registry.ts'

export interface Diagnosis {
  readonly driver: DriverModule
  readonly probe: Probe
}

/** Asks every installed driver whether this host can do it. A driver that cannot even be asked is named like one that says no. */
export const diagnose = (registry: DriverRegistry): Promise<Diagnosis[]> =>
  Promise.all(registry.list().map(async (driver) => ({ driver, probe: await probe(registry, driver) })))

const probe = async (registry: DriverRegistry, { axis, name }: DriverModule): Promise<Probe> => {
  try {
    return await (await registry.resolve(axis, name)).probe()
  } catch (error) {
    return {
      ok: false,
      reason: error instanceof Error ? error.message : String(error),
      remedy: isRtError(error) ? error.remedy : 'See the documentation of the package that the driver comes from.',
    }
  }
}
