import type { SeenVolume } from '@rt/runtime'

/** `volume inspect`'s form: Docker's field names. */
export const volumeView = ({ name, created, labels, mountpoint, users }: SeenVolume): Record<string, unknown> => ({
  CreatedAt: created,
  Driver: 'local',
  Labels: Object.keys(labels).length > 0 ? labels : null,
  Mountpoint: mountpoint,
  Name: name,
  Options: null,
  Scope: 'local',
  // Not Docker's.
  Containers: users,
})
