import type { ContainerId, HostStep } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import type { MountPoint } from './mount-point.ts'

/**
 * Lets go of a container's volumes. One that nobody has named goes with its last user: with `users` the volume is no volume any more, and
 * rmdir(2) takes that away only where nobody else is in it, however many end at once.
 */
export const letGoSteps = (
  layout: Layout,
  id: ContainerId,
  mounts: readonly MountPoint[],
  withAnonymous: boolean,
): HostStep[] => {
  const volumes = new Map(mounts.flatMap((mount) => (mount.name === undefined ? [] : [[mount.name, mount]])))
  const steps = [...volumes].flatMap(([name, { anonymous }]): HostStep[] => {
    const users = layout.volumeUsers(name)
    const leave: HostStep = {
      where: 'host',
      op: 'file.remove',
      path: `${users}/${id}`,
      why: `The container does not hold the volume ${name} any more.`,
    }
    if (!anonymous || !withAnonymous) return [leave]
    return [
      leave,
      {
        where: 'host',
        op: 'dir.remove',
        path: users,
        full: 'stays',
        why: 'Unless somebody else has it, it is a volume no more.',
      },
      {
        where: 'host',
        op: 'tree.remove',
        path: layout.volume(name),
        unless: users,
        why: 'A volume without a name goes with its last container.',
      },
    ]
  })
  if (!steps.some(({ op }) => op === 'tree.remove')) return steps
  return [
    ...steps,
    { where: 'host', op: 'dir.remove', path: layout.volumes, full: 'stays', why: 'It was the last volume.' },
  ]
}
