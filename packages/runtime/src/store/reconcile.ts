import { readFileSync, readlinkSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { isLocked, killProcess, performLeave } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { thaw } from '../limits/thaw.ts'
import { listIfThere, readIfThere, writeAtomically } from './files.ts'
import { discardSteps, forgetStep, readLeave } from './leave.ts'
import { readRecord } from './record.ts'
import { readInit } from './state.ts'

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

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
  for (const id of dead) errors.push(...(await bury(layout, registry, id)))
  const boot = bootId()
  if (readIfThere(layout.boot) !== boot) {
    errors.push(...sweepAfterBoot(layout))
    if (errors.length === 0) writeAtomically(layout.boot, boot)
  }
  return errors
}

/** Ends what is left of one container whose monitor is gone. */
const bury = async (layout: Layout, registry: DriverRegistry, id: ContainerId): Promise<Error[]> => {
  const init = readInit(layout, id)
  // It dies with its monitor (PDEATHSIG), unless a setuid program in it cleared that.
  if (init) killProcess(init.pid, init.startTime)
  const plan = readLeave(layout, id)
  const errors: Error[] = init ? await thaw(layout, registry, id) : []
  if (plan) {
    errors.push(...performLeave(plan.leave))
    errors.push(...(await freeLeases(layout, registry, plan.network)))
    if (init === undefined || plan.autoRemove) errors.push(...performLeave(plan.discard))
    else if (readIfThere(layout.exit(id)) === undefined)
      writeAtomically(layout.exit(id), `0 9 ${BigInt(Date.now()) * 1_000_000n}\n`)
  }
  // Kept for the next try while anything is undone.
  if (errors.length === 0) errors.push(...performLeave([forgetStep(layout, id)]))
  return errors
}

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
    else if (record.autoRemove) errors.push(...performLeave(discardSteps(layout, id, record.name)))
  }
  const kept = new Set(listIfThere(layout.containers))
  for (const name of listIfThere(layout.names)) {
    if (kept.has(readlinkSync(layout.name(name)))) continue
    errors.push(
      ...performLeave([{ where: 'host', op: 'file.remove', path: layout.name(name), why: 'Its container is gone.' }]),
    )
  }
  return errors
}
