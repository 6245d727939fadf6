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
}

export interface OciRlimit {
  readonly type: 'RLIMIT_NOFILE'
  readonly soft: number
  readonly hard: number
}

/**
 * The specification wants numbers; a name (`--user www-data`) can only be looked up in the container's own passwd, after its root is
 * mounted, so the text goes as far as the sandbox: `user[:group]`, each a name or a number; empty means root.
 */
export interface OciUser {
  readonly username: string
  readonly additionalGids: readonly number[]
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
}

export type OciNamespace = 'pid' | 'mount' | 'uts' | 'ipc' | 'network' | 'cgroup'
