import { existsSync } from 'node:fs'
import type { Layout } from '../layout.ts'
import { type Container, listContainers } from '../store/containers.ts'
import { isLive, ranAtReboot, wasStarted } from '../store/state.ts'

/** The containers that a boot starts, in the order of their creation. After a reconciliation. */
export const toBoot = (layout: Layout): Container[] =>
  listContainers(layout)
    .filter((container) => startsAtBoot(layout, container))
    .reverse()

/**
 * Docker's rules: one that was only created never is; `always` whatever happened before, `unless-stopped` unless the user stopped it,
 * `on-failure` where the machine's end was the failure.
 */
const startsAtBoot = (layout: Layout, { record, state }: Container): boolean => {
  const { id, request } = record
  if (isLive(state) || !wasStarted(layout, id)) return false
  switch (request.restart?.name) {
    case 'always':
      return true
    case 'unless-stopped':
      return !existsSync(layout.stopped(id))
    case 'on-failure':
      return !existsSync(layout.stopped(id)) && ranAtReboot(layout, id)
    default:
      return false
  }
}
