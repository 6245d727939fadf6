import type { ContainerRecord, MountPoint } from '@rt/runtime'

type Mounts = Pick<ContainerRecord, 'mountPoints'>

const list = <T>(items: readonly T[]): readonly T[] | null => (items.length > 0 ? items : null)

/** Docker's `Mounts`. What `--tmpfs` mounts is in HostConfig only. */
export const mountsView = ({ mountPoints = [] }: Mounts): Record<string, unknown>[] =>
  mountPoints
    .filter(({ by }) => by !== 'tmpfs')
    .map(({ type, name, source, destination, mode, readonly, propagation }) => ({
      Type: type,
      ...(name !== undefined && { Name: name }),
      Source: source,
      Destination: destination,
      ...(type === 'volume' && { Driver: 'local' }),
      Mode: mode,
      RW: !readonly,
      Propagation: type === 'bind' ? (propagation ?? 'rprivate') : '',
    }))

/** Docker's `HostConfig.Binds`: `-v` with a source. */
export const bindsView = ({ mountPoints = [] }: Mounts): readonly string[] | null =>
  list(
    mountPoints
      .filter(({ by, anonymous }) => by === 'volume' && !anonymous)
      .map(({ name, source, destination, mode }) => `${name ?? source}:${destination}${mode && `:${mode}`}`),
  )

/** Docker's `HostConfig.Mounts`: `--mount`. */
export const hostMountsView = ({ mountPoints = [] }: Mounts): readonly Record<string, unknown>[] | null =>
  list(mountPoints.filter(({ by }) => by === 'mount').map(hostMount))

const hostMount = (mount: MountPoint): Record<string, unknown> => ({
  Type: mount.type,
  ...(mount.type === 'bind' && { Source: mount.source }),
  ...(mount.type === 'volume' && !mount.anonymous && { Source: mount.name }),
  Target: mount.destination,
  ...(mount.readonly && { ReadOnly: true }),
  ...optionsOf(mount),
})

const optionsOf = ({
  type,
  propagation,
  recursive,
  fill,
  subpath,
  labels,
  options = [],
}: MountPoint): Record<string, unknown> => {
  if (type === 'tmpfs') {
    const of = (key: string): string | undefined =>
      options.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
    const size = of('size')
    return {
      TmpfsOptions: { ...(size && { SizeBytes: Number(size) }), Mode: Number.parseInt(of('mode') ?? '1777', 8) },
    }
  }
  if (type === 'bind') {
    const bind = {
      ...(propagation !== undefined && { Propagation: propagation }),
      ...(recursive === 'disabled' && { NonRecursive: true }),
      ...(recursive === 'writable' && { ReadOnlyNonRecursive: true }),
      ...(recursive === 'readonly' && { ReadOnlyForceRecursive: true }),
    }
    return Object.keys(bind).length > 0 ? { BindOptions: bind } : {}
  }
  const volume = {
    ...(!fill && subpath === undefined && { NoCopy: true }),
    ...(subpath !== undefined && { Subpath: subpath }),
    ...(labels && { Labels: labels }),
  }
  return Object.keys(volume).length > 0 ? { VolumeOptions: volume } : {}
}

/** Docker's `Config.Volumes`: the image's, and those that `-v` gives no source. */
export const volumesView = (
  { mountPoints = [] }: Mounts,
  image: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> | null => {
  const own = mountPoints
    .filter(({ by, anonymous }) => by === 'volume' && anonymous)
    .map(({ destination }) => [destination, {}])
  const all = { ...image, ...Object.fromEntries(own) }
  return Object.keys(all).length > 0 ? all : null
}
