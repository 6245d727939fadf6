import { existsSync, readFileSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { isLocked, killProcess, performLeave } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { CONTAINER_MODE } from '../request.ts'
import { writeDead } from './exit.ts'
import { listIfThere, readIfThere, writeAtomically } from './files.ts'
import { appendEvent } from './journal.ts'
import { discardSteps, forgetStep, readLeave } from './leave.ts'
import { sweepNames } from './names.ts'
import { removeOrphans } from './owner.ts'
import { readRecord } from './record.ts'
import { hasEnded, readInit, wasStarted } from './state.ts'
import { thaw } from './thaw.ts'

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** Whether the run directory was made since the machine started. */
export const isThisBoot = (layout: Layout): boolean => readIfThere(layout.boot) === bootId()

/** Containers whose rt or shim lives. */
export const liveContainers = (layout: Layout): Set<ContainerId> =>
  new Set(listIfThere(layout.live).filter((id) => isLocked(layout.lock(id))))

/**
 * Finishes what a killed rt or shim left undone. Runs at every start of rt, under the store's lock, and costs one directory listing
 * and one lock test a live container when there is nothing to do. Errors are returned: they must not keep others from running.
 */
export const reconcile = async (layout: Layout, registry: DriverRegistry): Promise<Error[]> => {
  const errors: Error[] = []
  const dead = listIfThere(layout.live).filter((id) => !isLocked(layout.lock(id)))
  const boot = bootId()
  const rebooted = readIfThere(layout.boot) !== boot
  for (const id of dead) errors.push(...(await bury(layout, registry, id, rebooted)))
  errors.push(...(await removeOrphans(layout, registry)))
  if (rebooted) {
    errors.push(...sweepAfterBoot(layout))
    // Where leases outlived the reboot and the run directories that name their containers did not.
    for (const { name } of await registry.usable('network')) errors.push(...(await freeLeases(layout, registry, name)))
    if (errors.length === 0) writeAtomically(layout.boot, boot)
  }
  return errors
}

/** Ends what is left of one container whose monitor is gone. `rebooted`: with the whole machine, where the run root outlived that. */
const bury = async (layout: Layout, registry: DriverRegistry, id: ContainerId, rebooted: boolean): Promise<Error[]> => {
  const init = readInit(layout, id)
  // It dies with its monitor (PDEATHSIG), unless a setuid program in it cleared that. Its number of an earlier boot is anybody's.
  const errors: Error[] = init && !rebooted ? await thaw(layout, registry, id) : []
  if (init && !rebooted) killProcess(init.pid, init.startTime)
  const plan = readLeave(layout, id)
  const record = init && readRecord(layout.record(id))
  // Its monitor had told of its end before it was killed where there is an exit file of this life.
  if (record && readIfThere(layout.exit(id)) === undefined) appendEvent(layout, 'die', record, { exitCode: 137 })
  if (plan) {
    errors.push(...performLeave(plan.leave))
    const drivers = new Set(plan.networks.map(({ driver }) => driver).filter((driver) => driver !== CONTAINER_MODE))
    for (const driver of drivers) errors.push(...(await freeLeases(layout, registry, driver)))
    if (!hasRun(layout, id) || plan.autoRemove) {
      errors.push(...performLeave(plan.discard))
      if (record) appendEvent(layout, 'destroy', record)
    }
    // One without an exit that outlives a reboot ran until then: `system boot` asks.
    if (!rebooted && existsSync(layout.record(id)) && !hasEnded(layout, id)) writeDead(layout, id, init)
  }
  // Kept for the next try while anything is undone.
  if (errors.length === 0) errors.push(...performLeave([forgetStep(layout, id)]))
  return errors
}

/** Its program was executed at least once: there is a status, or between two starts of a restart policy the exit of the last. */
const hasRun = (layout: Layout, id: ContainerId): boolean =>
  existsSync(layout.status(id)) || existsSync(layout.exit(id))

/** Killed between taking a lease and writing down its return: only the driver can tell whose lease it is. It must not keep others from running. */
const freeLeases = async (layout: Layout, registry: DriverRegistry, driver: string): Promise<Error[]> => {
  try {
    const network = await registry.resolve('network', driver)
    return network.gc ? performLeave(await network.gc(liveContainers(layout))) : []
  } catch (error) {
    return [error instanceof Error ? error : new Error(String(error))]
  }
}

/** After a reboot no run directory tells of the containers that ran: those not to be kept go, and names without a container. */
const sweepAfterBoot = (layout: Layout): Error[] => {
  const errors: Error[] = []
  const live = liveContainers(layout)
  for (const id of listIfThere(layout.containers)) {
    if (live.has(id)) continue
    const record = readRecord(layout.record(id))
    if (record === undefined) errors.push(...performLeave(discardSteps(layout, id, `${id}.unnamed`)))
    else if (record.autoRemove && wasStarted(layout, id))
      errors.push(...performLeave(discardSteps(layout, id, record.name, record.mountPoints)))
  }
  errors.push(...sweepNames(layout))
  return errors
}
