import { existsSync, rmSync, writeFileSync } from 'node:fs'
import type { ContainerId, HostStep } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { notRunning } from '../store/init.ts'
import { type LeavePlan, type NetworkUse, readLeave, writeLeave } from '../store/leave.ts'

/** What must be undone after a container's end, as it is changed while the container runs. */
export interface WayBack {
  add(steps: readonly HostStep[]): void
  /** As it was: nothing has come of it. */
  restore(): void
}

/**
 * The shim has been given its steps long ago: from here on it leaves all of them to TypeScript, which finds them on disk, and the driver
 * to look for what is not there. To be called before the container is known to live: a shim that has not looked yet by then finds it.
 *
 * @throws RtError RT_CONTAINER_NOT_RUNNING where its directory goes meanwhile: it has just ended
 */
export const openWayBack = (layout: Layout, id: ContainerId, name: string, uses: readonly NetworkUse[]): WayBack => {
  const marker = layout.leaveChanged(id)
  const marked = existsSync(marker)
  const before = readLeave(layout, id)
  if (before === undefined) throw notRunning(name)
  const write = (leave: LeavePlan): void => {
    if (!whileThere(() => writeLeave(layout, id, leave))) throw notRunning(name)
  }
  const announced = { ...before, networks: [...before.networks, ...uses] }
  write(announced)
  if (!whileThere(() => writeFileSync(marker, '', { mode: 0o600 }))) throw notRunning(name)
  return {
    add: (steps) => write({ ...announced, leave: [...steps, ...announced.leave] }),
    restore: () => {
      whileThere(() => writeLeave(layout, id, before))
      if (!marked) rmSync(marker, { force: true })
    },
  }
}

/** Whether its directory was there. */
const whileThere = (act: () => void): boolean => {
  try {
    act()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
