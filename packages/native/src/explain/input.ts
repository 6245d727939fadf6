import type { HostStep, NetnsStep, SandboxStep } from '@rt/driver-api'

/** A whole plan, as the runtime puts it together of its drivers' answers. */
export interface ExplainInput {
  readonly title: string
  readonly host: readonly (HostStep | NetnsStep)[]
  /** Whether the container has a network namespace of its own, or that of the process `join`. */
  readonly namespace: 'new' | 'host' | 'join'
  readonly join?: number
  /** The process whose pid namespace it joins. */
  readonly joinPid?: number
  /** OCI names of the other new namespaces: `pid`, `mount`, `uts`, `ipc`, `cgroup`. */
  readonly newNamespaces: readonly string[]
  readonly sandbox: readonly SandboxStep[]
  /** cgroup directories that the container's first process joins. */
  readonly cgroups: readonly string[]
  readonly leave: readonly HostStep[]
}
