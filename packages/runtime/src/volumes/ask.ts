import { posix } from 'node:path'
import { RtError } from '@rt/driver-api'
import { newContainerId } from '../identity.ts'
import type { Layout } from '../layout.ts'
import type { SpecFlags } from '../spec/index.ts'
import { findOther } from '../store/find.ts'
import type { MountPoint, WantedMount } from '../store/mount-point.ts'
import { readRecord } from '../store/record.ts'
import { checkBind } from './bind-source.ts'
import { checkDestination } from './destination.ts'
import { parseMountFlag } from './mount-flag.ts'
import { dataOf } from './store.ts'
import { parseTmpfsFlag } from './tmpfs-flag.ts'
import { parseVolumeFlag } from './volume-flag.ts'

export interface MountWishes {
  readonly flags: Pick<SpecFlags, 'volumes' | 'mounts' | 'tmpfs' | 'volumesFrom'>
  /** The image's `Volumes`. */
  readonly image: readonly string[]
  readonly cwd: string
}

/**
 * All mounts that flags and image ask for, checked against the host; nothing is made yet. In one place the user's own win over those of
 * another container, and both over the image's.
 *
 * @throws RtError RT_USAGE, RT_VOLUME_NAME_INVALID, RT_VOLUME_DRIVER, RT_MOUNT_*, RT_CONTAINER_*
 */
export const askMounts = (layout: Layout, { flags, image, cwd }: MountWishes): readonly MountPoint[] => {
  const own: WantedMount[] = [
    ...(flags.volumes ?? []).map((given) => parseVolumeFlag(given, cwd)),
    ...(flags.mounts ?? []).map((given) => parseMountFlag(given, cwd)),
    ...(flags.tmpfs ?? []).map(parseTmpfsFlag),
  ]
  refuseTwice(own)
  for (const mount of own) if (mount.type === 'bind') checkBind(mount)
  const mounts = new Map<string, MountPoint>()
  for (const mount of image.flatMap(ofImage)) mounts.set(mount.destination, settle(layout, mount))
  for (const given of flags.volumesFrom ?? [])
    for (const mount of ofContainer(layout, given)) mounts.set(mount.destination, mount)
  for (const mount of own) mounts.set(mount.destination, settle(layout, mount))
  return [...mounts.values()].map(checkDestination)
}

const refuseTwice = (mounts: readonly WantedMount[]): void => {
  const taken = new Set<string>()
  for (const { destination } of mounts) {
    if (taken.has(destination))
      throw new RtError('RT_USAGE', `Two mounts were given for ${destination}.`, { remedy: 'Leave one of them out.' })
    taken.add(destination)
  }
}

/** An image may write it as it likes. */
const ofImage = (path: string): WantedMount[] => {
  const destination = posix.resolve('/', path)
  if (destination === '/') return []
  return [{ type: 'volume', anonymous: true, destination, readonly: false, fill: true, by: 'image', mode: '' }]
}

const settle = (layout: Layout, mount: WantedMount): MountPoint => {
  if (mount.type !== 'volume') return { ...mount, source: mount.source ?? '' }
  const name = mount.name ?? newContainerId()
  const data = dataOf(layout, name)
  return { ...mount, name, source: mount.subpath === undefined ? data : posix.join(data, mount.subpath) }
}

/** `--volumes-from CONTAINER[:ro|rw]`: its volumes and bind mounts, with the content that they have. */
const ofContainer = (layout: Layout, given: string): MountPoint[] => {
  const [, name = given, mode] = /^(.*?)(?::([^:]*))?$/.exec(given) ?? []
  if (mode !== undefined && mode !== 'ro' && mode !== 'rw')
    throw new RtError('RT_USAGE', `--volumes-from ${given}: "${mode}" is neither ro nor rw.`, {
      remedy: 'Write --volumes-from CONTAINER[:ro].',
    })
  const record = readRecord(layout.record(findOther(layout, name)))
  if (!record) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${name}`)
  return (record.mountPoints ?? [])
    .filter(({ type }) => type !== 'tmpfs')
    .map(({ fill: _, make: __, ...mount }) => ({
      ...mount,
      readonly: mount.readonly || mode === 'ro',
      by: 'volumes-from' as const,
      mode: mode ?? mount.mode,
    }))
}
