import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { type ContainerId, type HostStep, RtError } from '@rt/driver-api'
import { errorCode, performSteps } from '@rt/native'
import type { Layout } from '../layout.ts'
import { listIfThere, readIfThere } from '../store/files.ts'
import { isoTime } from '../store/time.ts'

/**
 * A volume on disk: `_data` is what containers see, `volume.json` what is known of it, `users` has a file for each container that has it. A
 * directory without `users` is no volume: it has not been removed completely.
 */
export interface VolumeRecord {
  readonly version: 1
  readonly name: string
  /** ISO 8601, UTC */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  readonly anonymous?: true
}

export const dataOf = (layout: Layout, name: string): string => `${layout.volume(name)}/_data`
const recordOf = (directory: string): string => `${directory}/volume.json`
/** Locked by who fills it. */
export const lockOf = (layout: Layout, name: string): string => `${layout.volume(name)}/lock`
/** There while it is being filled: a copy that was cut short is none. */
export const markerOf = (layout: Layout, name: string): string => `${layout.volume(name)}/filling`

/** undefined: there is no volume of that name. */
export const readVolume = (layout: Layout, name: string): VolumeRecord | undefined => {
  if (!existsSync(layout.volumeUsers(name))) return undefined
  const text = readIfThere(recordOf(layout.volume(name)))
  return text === undefined ? undefined : (JSON.parse(text) as VolumeRecord)
}

/** No volume has a dot in front. */
const NEW = '.new'

export const volumeNames = (layout: Layout): string[] =>
  listIfThere(layout.volumes).filter((name) => !name.startsWith('.'))

/** By name. */
export const listVolumes = (layout: Layout): VolumeRecord[] =>
  volumeNames(layout)
    .flatMap((name) => readVolume(layout, name) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/**
 * Makes a volume, whole or not at all; under the store's lock. One of that name that was not removed completely goes first.
 *
 * @param user has it from the beginning on
 */
export const makeVolume = (
  layout: Layout,
  { name, labels, anonymous }: Pick<VolumeRecord, 'name' | 'labels' | 'anonymous'>,
  user?: ContainerId,
): VolumeRecord => {
  const record: VolumeRecord = {
    version: 1,
    name,
    created: isoTime(Date.now()),
    labels,
    ...(anonymous && { anonymous }),
  }
  const fresh = layout.volume(NEW)
  rmSync(fresh, { recursive: true, force: true })
  sweep(layout, name)
  mkdirSync(`${fresh}/users`, { recursive: true, mode: 0o700 })
  mkdirSync(`${fresh}/_data`)
  // Whatever the umask: programs of any user look into it.
  chmodSync(`${fresh}/_data`, 0o755)
  writeFileSync(recordOf(fresh), JSON.stringify(record), { mode: 0o600 })
  writeFileSync(`${fresh}/lock`, '', { mode: 0o600 })
  if (user !== undefined) writeFileSync(`${fresh}/users/${user}`, '', { mode: 0o600 })
  renameSync(fresh, layout.volume(name))
  return record
}

/** The same for a script that starts from nothing, as far as its container needs it. */
export const makeVolumeSteps = (layout: Layout, name: string, user: ContainerId): HostStep[] => [
  {
    where: 'host',
    op: 'dir.make',
    path: dataOf(layout, name),
    mode: 0o755,
    shared: true,
    why: `The volume ${name} is a directory of the host, which stays when the container goes.`,
  },
  {
    where: 'host',
    op: 'dir.make',
    path: layout.volumeUsers(name),
    mode: 0o700,
    shared: true,
    why: 'Here stand those that have it.',
  },
  {
    where: 'host',
    op: 'file.write',
    path: `${layout.volumeUsers(name)}/${user}`,
    content: '',
    mode: 0o600,
    why: 'Nobody removes the volume as long as this container has it.',
  },
]

/** @throws RtError RT_VOLUME_UNKNOWN where it has just gone: rmdir(2) of `users` and this exclude each other */
export const addUser = (layout: Layout, name: string, user: ContainerId): void => {
  try {
    closeSync(openSync(`${layout.volumeUsers(name)}/${user}`, 'a', 0o600))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    throw new RtError('RT_VOLUME_UNKNOWN', `The volume ${name} has just been removed`, { cause: error })
  }
}

/** Those that have it and exist: a killed `rm` may have left an entry of one that has gone. */
export const usersOf = (layout: Layout, name: string): ContainerId[] =>
  listIfThere(layout.volumeUsers(name)).filter((id) => existsSync(layout.container(id)) || existsSync(layout.run(id)))

/** Removes one that nobody has; under the store's lock. From the first step on it is a volume no more. */
export const removeVolume = (layout: Layout, name: string): void => {
  for (const stale of listIfThere(layout.volumeUsers(name))) unlinkSync(`${layout.volumeUsers(name)}/${stale}`)
  rmdirSync(layout.volumeUsers(name))
  sweep(layout, name)
  forgetEmpty(layout)
}

/** What a killed removal left. */
export const sweepVolumes = (layout: Layout): void => {
  for (const name of volumeNames(layout)) sweep(layout, name)
}

const sweep = (layout: Layout, name: string): void => {
  const path = layout.volume(name)
  if (!existsSync(path) || existsSync(layout.volumeUsers(name))) return
  performSteps([{ where: 'host', op: 'tree.remove', path, why: `The volume ${name} is removed.` }])
}

const forgetEmpty = (layout: Layout): void =>
  performSteps([
    { where: 'host', op: 'dir.remove', path: layout.volumes, full: 'stays', why: 'It was the last volume.' },
  ])
