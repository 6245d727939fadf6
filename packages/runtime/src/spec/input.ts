import type { ContainerIdentity, NetworkPlan, OciDevice, OciMount, OciResources } from '@rt/driver-api'
import type { CallerEnv } from './env.ts'
import type { HostFile } from './host-file.ts'
import type { LimitFlags } from './limits.ts'

/** The part of an image's config that decides how a container starts; names are the OCI image specification's. */
export interface ImageConfig {
  readonly Env?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly User?: string
  readonly WorkingDir?: string
}

/** The flags of `rt run` that end up in the spec: texts as they were given, not yet checked. */
export interface SpecFlags {
  /** The words after the image's name. */
  readonly command?: readonly string[]
  /** `--tty`: the program gets a terminal. */
  readonly tty?: boolean
  readonly entrypoint?: string
  /** `-e`, in order. */
  readonly env?: readonly string[]
  /** The entries of all `--env-file`s, in order, by `parseEnvFile`. */
  readonly envFiles?: readonly string[]
  readonly user?: string
  readonly workdir?: string
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  /** `-v`, in order. */
  readonly volumes?: readonly string[]
  readonly tmpfs?: readonly string[]
  /** `--mount`, in order. */
  readonly mounts?: readonly string[]
  /** `--volumes-from`, in order. */
  readonly volumesFrom?: readonly string[]
  readonly readOnly?: boolean
  /** `--security-opt no-new-privileges` */
  readonly noNewPrivileges?: boolean
  /** `--security-opt seccomp=unconfined` */
  readonly seccomp?: 'unconfined'
  /** `--ulimit TYPE=SOFT[:HARD]` */
  readonly ulimits?: readonly string[]
  readonly oomScoreAdj?: string
  /** `--sysctl KEY=VALUE` */
  readonly sysctls?: readonly string[]
  /** `--shm-size`, with or without a unit */
  readonly shmSize?: string
  readonly limits?: LimitFlags
  /** `--device`, in order. */
  readonly devices?: readonly string[]
  /** `--device-cgroup-rule`, in order. */
  readonly deviceRules?: readonly string[]
  /** `--group-add`, names or numbers. */
  readonly groups?: readonly string[]
  /** `--privileged`: every capability and device, no filter, nothing masked, /sys writable. */
  readonly privileged?: boolean
  /** `--security-opt systempaths=unconfined`: nothing of /proc and /sys masked or read-only. */
  readonly systemPaths?: 'unconfined'
  readonly domainname?: string
  /** `--ipc`; undefined: `private`. */
  readonly ipc?: 'private' | 'none' | 'host'
  /** `--pid`: `host` or `container:NAME`; undefined: its own. */
  readonly pid?: string
  /** `--uts`; undefined: its own. */
  readonly uts?: 'host'
  /** `--cgroupns`; undefined: its own. */
  readonly cgroupns?: 'host'
  readonly annotations?: Readonly<Record<string, string>>
}

export interface SpecInput {
  /** `hostname` is final. */
  readonly identity: ContainerIdentity
  readonly image: ImageConfig
  readonly flags: SpecFlags
  /** Where the root will be mounted: an empty directory of the host. */
  readonly rootMountPoint: string
  readonly network: NetworkPlan['namespace']
  /** Those of user and image, besides what every container gets. */
  readonly mounts?: readonly OciMount[]
  /** Files of the host that are bound over the image's: resolv.conf, hosts, hostname. */
  readonly files: readonly HostFile[]
  /** The environment that rt was called in, for `-e NAME`. */
  readonly env: CallerEnv
  /** Parsed of `flags.limits` and `flags.devices`. */
  readonly asked?: { readonly resources?: OciResources; readonly devices?: readonly OciDevice[] }
  /** Paths of this host to hide besides Docker's, by `thermalThrottlePaths`. */
  readonly maskedPaths?: readonly string[]
}
