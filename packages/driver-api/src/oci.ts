/**
 * The part of the OCI runtime specification's config.json that rt uses (github.com/opencontainers/runtime-spec, 1.2).
 * Names are the specification's.
 */
export interface OciSpec {
  readonly ociVersion: string
  readonly hostname: string
  readonly root: { readonly path: string; readonly readonly: boolean }
  readonly process: OciProcess
  readonly mounts: readonly OciMount[]
  readonly linux: OciLinux
  /** `--annotation`: of no meaning to rt. */
  readonly annotations?: Readonly<Record<string, string>>
}

export interface OciProcess {
  readonly terminal: boolean
  readonly args: readonly [string, ...string[]]
  /** `NAME=value` */
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: OciUser
  /** `CAP_*` names: bounding, permitted and effective sets of a root process. */
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
  /** Undefined: the driver's default. */
  readonly rlimits?: readonly OciRlimit[]
  /** -1000 to 1000; undefined: as rt was called. */
  readonly oomScoreAdj?: number
}

export interface OciRlimit {
  /** `RLIMIT_NOFILE` and the like, getrlimit(2). */
  readonly type: `RLIMIT_${string}`
  /** -1: no limit. */
  readonly soft: number
  readonly hard: number
}

/** What a container may use; what is left out is not limited. Sizes in bytes; -1: explicitly without limit. */
export interface OciResources {
  readonly cpu?: {
    /** Relative weight, 2 to 262144; 1024 is what everybody has. */
    readonly shares?: number
    /** Microseconds of CPU time in each period, of all CPUs together. */
    readonly quota?: number
    /** Microseconds. */
    readonly period?: number
    /** Lists as in `0-2,4`. */
    readonly cpus?: string
    readonly mems?: string
  }
  readonly memory?: {
    readonly limit?: number
    /** Memory and swap together. */
    readonly swap?: number
    readonly reservation?: number
  }
  readonly pids?: { readonly limit: number }
  readonly blockIO?: {
    /** 10 to 1000. */
    readonly weight?: number
    readonly throttleReadBpsDevice?: readonly OciThrottle[]
    readonly throttleWriteBpsDevice?: readonly OciThrottle[]
    readonly throttleReadIOPSDevice?: readonly OciThrottle[]
    readonly throttleWriteIOPSDevice?: readonly OciThrottle[]
  }
  /** May be used besides those that every container may use. */
  readonly devices?: readonly OciDeviceRule[]
}

export interface OciDeviceRule {
  readonly allow: true
  readonly type: 'c' | 'b'
  /** -1: any. */
  readonly major: number
  /** -1: any. */
  readonly minor: number
  /** Of `r`ead, `w`rite and `m`knod. */
  readonly access: string
}

/** A device node that the container gets. */
export interface OciDevice {
  readonly path: string
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
  readonly fileMode: number
}

export interface OciThrottle {
  readonly major: number
  readonly minor: number
  /** Bytes or operations a second. */
  readonly rate: number
}

/**
 * The specification wants numbers; a name (`--user www-data`) can only be looked up in the container's own passwd, after its root is
 * mounted, so the text goes as far as the sandbox: `user[:group]`, each a name or a number; empty means root.
 */
export interface OciUser {
  readonly username: string
  readonly additionalGids: readonly number[]
  /** Names of more groups, looked up like the user's; only for drivers with the capability `groupNames`. */
  readonly additionalGroups?: readonly string[]
}

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  /** fstab words: `nosuid`, `ro`, `rbind`, `mode=755`, ... */
  readonly options: readonly string[]
}

export interface OciLinux {
  readonly namespaces: readonly { readonly type: OciNamespace }[]
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  /** undefined: unconfined */
  readonly seccomp?: 'default'
  readonly cgroupsPath: string
  readonly resources?: OciResources
  readonly devices?: readonly OciDevice[]
  /** Of the container's own namespaces only, in dotted form. */
  readonly sysctl?: Readonly<Record<string, string>>
}

export type OciNamespace = 'pid' | 'mount' | 'uts' | 'ipc' | 'network' | 'cgroup'
