import { type ContainerRecord, parsePublish } from '@rt/runtime'
import { limitsView } from './limits-view.ts'
import { bindsView, hostMountsView } from './mounts.ts'

/** Docker's `HostConfig`. */
export const hostConfigView = (record: ContainerRecord): Record<string, unknown> => {
  const { request, spec, drivers } = record
  const { spec: flags } = request
  return {
    Binds: bindsView(record),
    Mounts: hostMountsView(record),
    VolumesFrom: listOrNull(flags.volumesFrom),
    LogConfig: logConfig(request.log),
    NetworkMode: record.request.networks?.[0]?.name ?? 'none',
    PortBindings: portBindings(request.publish ?? []),
    RestartPolicy: { Name: request.restart?.name ?? 'no', MaximumRetryCount: request.restart?.max ?? 0 },
    AutoRemove: request.autoRemove,
    CapAdd: listOrNull(flags.capAdd),
    CapDrop: listOrNull(flags.capDrop),
    CgroupnsMode: flags.cgroupns ?? 'private',
    Dns: request.dns,
    DnsOptions: request.dnsOptions ?? [],
    DnsSearch: request.dnsSearch ?? [],
    ExtraHosts: listOrNull(request.addHosts),
    GroupAdd: listOrNull(flags.groups),
    IpcMode: flags.ipc ?? 'private',
    OomScoreAdj: spec.process.oomScoreAdj ?? 0,
    PidMode: flags.pid ?? '',
    Privileged: flags.privileged ?? false,
    PublishAllPorts: request.publishAll ?? false,
    ReadonlyRootfs: spec.root.readonly,
    SecurityOpt: securityOptions(flags),
    ...(request.storageSize !== undefined && { StorageOpt: { size: String(request.storageSize) } }),
    Tmpfs: tmpfs(flags.tmpfs ?? []),
    ShmSize: shmSize(record),
    ...(spec.linux.sysctl && { Sysctls: spec.linux.sysctl }),
    Ulimits: (spec.process.rlimits ?? []).map(({ type, soft, hard }) => ({
      Name: type.replace('RLIMIT_', '').toLowerCase(),
      Hard: hard,
      Soft: soft,
    })),
    UTSMode: flags.uts ?? '',
    Init: request.init ?? false,
    Runtime: drivers.isolation,
    CgroupParent: '',
    ...(flags.annotations && { Annotations: flags.annotations }),
    DeviceCgroupRules: listOrNull(flags.deviceRules),
    MaskedPaths: spec.linux.maskedPaths,
    ReadonlyPaths: spec.linux.readonlyPaths,
    ...limitsView(record),
  }
}

/** `-p` in Docker's form, each port by itself. */
const portBindings = (publish: readonly string[]): Record<string, { HostIp: string; HostPort: string }[]> => {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { container, protocol, address = '', host } of publish.flatMap(parsePublish)) {
    const port = host ? (host.first === host.last ? `${host.first}` : `${host.first}-${host.last}`) : ''
    const key = `${container}/${protocol}`
    bindings[key] = [...(bindings[key] ?? []), { HostIp: address, HostPort: port }]
  }
  return bindings
}

const listOrNull = (list: readonly string[] = []): readonly string[] | null => (list.length > 0 ? list : null)

const logConfig = (log: ContainerRecord['request']['log']): Record<string, unknown> => {
  if (log?.driver === 'none') return { Type: 'none', Config: {} }
  return {
    Type: 'json-file',
    Config: {
      ...(log?.maxSize !== undefined && { 'max-size': String(log.maxSize) }),
      ...(log?.maxFile !== undefined && { 'max-file': String(log.maxFile) }),
    },
  }
}

const securityOptions = (flags: ContainerRecord['request']['spec']): readonly string[] | null =>
  listOrNull([
    ...(flags.noNewPrivileges ? ['no-new-privileges'] : []),
    ...(flags.seccomp === 'unconfined' ? ['seccomp=unconfined'] : []),
    ...(flags.systemPaths === 'unconfined' ? ['systempaths=unconfined'] : []),
  ])

/** `/data:size=1m` */
const tmpfs = (flags: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    flags.map((flag) => {
      const at = flag.indexOf(':')
      return at < 0 ? [flag, ''] : [flag.slice(0, at), flag.slice(at + 1)]
    }),
  )

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Bytes, from the options of the mount itself; 0: something else is mounted there. */
const shmSize = ({ spec }: ContainerRecord): number => {
  const options = spec.mounts.find(({ destination, type }) => destination === '/dev/shm' && type === 'tmpfs')?.options
  const match = /^size=(\d+)([kmg]?)$/i.exec(options?.find((option) => option.startsWith('size=')) ?? '')
  return Number(match?.[1] ?? 0) * (UNITS[(match?.[2] ?? '').toLowerCase()] ?? 1)
}
