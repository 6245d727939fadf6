import type { ContainerId } from '@rt/driver-api'
import type { CgroupLayout } from './layout.ts'

/**
 * The control groups that a container has, for a further program to join: on v1 one in each hierarchy that something was asked of, on v2
 * the only one.
 */
export function joinedCgroups(layout: CgroupLayout, id: ContainerId, exists: (path: string) => boolean): string[] {
  const hierarchies = new Set(layout.controllers.values())
  if (layout.unified !== undefined) hierarchies.add(layout.unified)
  return [...hierarchies].map((path) => `${path === '/' ? '' : path}/rt-${id}`).filter(exists)
}
