import type { OciMount } from '@rt/driver-api'
import type { HostFile } from './host-file.ts'
import type { SpecFlags } from './input.ts'

const mount = (destination: string, type: string, source: string, ...options: string[]): OciMount => ({
  destination,
  type,
  source,
  options,
})

/** What Docker mounts in every container. */
export const DEFAULT_MOUNTS: readonly OciMount[] = [
  mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
  mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
  mount('/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'),
  mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'),
  mount('/sys/fs/cgroup', 'cgroup', 'cgroup', 'nosuid', 'noexec', 'nodev', 'ro'),
  mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
  mount('/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=64m'),
]

/**
 * All mounts in the order in which they are made. The user's come after the defaults, outer ones before inner ones, and take the place of a
 * default (or of rt's own file in /etc) with the same destination; who mounts over /dev also gets rid of the defaults below it.
 */
export function containerMounts(user: readonly OciMount[], files: readonly HostFile[]): readonly OciMount[] {
  const taken = new Set(user.map(({ destination }) => destination))
  const defaults = DEFAULT_MOUNTS.filter(
    ({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')),
  )
  const own = files
    .filter(({ destination }) => !taken.has(destination))
    .map(({ source, destination, readonly }) =>
      mount(destination, 'bind', source, 'rbind', ...(readonly ? ['ro'] : []), 'rprivate'),
    )
  const depth = ({ destination }: OciMount) => destination.split('/').length
  return [...defaults, ...[...user, ...own].sort((a, b) => depth(a) - depth(b))]
}

/** What `--ipc` makes of the place of POSIX shared memory; one that the user mounted there stays. */
export function ipcMounts(mounts: readonly OciMount[], ipc: SpecFlags['ipc']): readonly OciMount[] {
  if (ipc !== 'none' && ipc !== 'host') return mounts
  return mounts.flatMap((each) => {
    if (each.destination !== '/dev/shm' || each.source !== 'shm') return [each]
    return ipc === 'none' ? [] : [mount('/dev/shm', 'bind', '/dev/shm', 'rbind', 'nosuid', 'noexec', 'nodev')]
  })
}

/** `--privileged`: /sys and the control groups may be written to, as in Docker. */
export const privilegedMounts = (mounts: readonly OciMount[]): readonly OciMount[] =>
  mounts.map((each) =>
    each.type === 'sysfs' || each.type === 'cgroup'
      ? { ...each, options: each.options.filter((word) => word !== 'ro') }
      : each,
  )
