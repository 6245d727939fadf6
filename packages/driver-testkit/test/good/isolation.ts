import { existsSync } from 'node:fs'
import {
  type CgroupPlan,
  type DriverContext,
  declaredOptions,
  type IsolationCapabilities,
  type IsolationDriver,
  type LaunchPlan,
  type LaunchRequest,
  type OciMount,
  type OciProcess,
  type Probe,
  type SandboxStep,
} from '@rt/driver-api'

const why = 'What makes a container, and no more.'

/** Namespaces, a root and a control group of its own, few capabilities: an isolation driver that keeps its promises. */
export default class Cell implements IsolationDriver {
  static readonly capabilities: Partial<IsolationCapabilities> = { seccomp: false, init: false }

  constructor({ options }: DriverContext) {
    declaredOptions('isolation.cell', options, {})
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing but namespaces' }
  }

  async cgroups({ id }: { readonly id: string }): Promise<CgroupPlan> {
    const path = this.group(id)
    return {
      enter: [{ where: 'host', op: 'cgroup.make', path, why }],
      directories: [path],
      leave: [{ where: 'host', op: 'cgroup.remove', path, why }],
    }
  }

  async launch({ spec, rootMounts, rootMountPoint }: LaunchRequest): Promise<LaunchPlan> {
    const sandbox: SandboxStep[] = [
      { where: 'sandbox', op: 'mount', source: 'none', target: '/', inside: false, flags: ['rec', 'private'], why },
      ...rootMounts,
      { where: 'sandbox', op: 'root.set', path: rootMountPoint, why },
      ...spec.mounts.map(mount),
      { where: 'sandbox', op: 'hostname', name: spec.hostname, why },
      { where: 'sandbox', op: 'root.enter', mode: 'pivot', why },
      ...programSteps(spec.process),
    ]
    return { enter: [], sandbox, leave: [] }
  }

  protected group(id: string): string {
    const hierarchy = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/unified'].find((path) => existsSync(path))
    return `${hierarchy ?? '/sys/fs/cgroup'}/cell-${id}`
  }
}

/** From the root of the container to the program. */
export const programSteps = ({ args, env, cwd, capabilities, user }: OciProcess): SandboxStep[] => [
  { where: 'sandbox', op: 'process.reset', nofile: [1024, 1024], why },
  { where: 'sandbox', op: 'process.chdir', path: cwd, why },
  { where: 'sandbox', op: 'process.capabilities', keep: capabilities, why },
  { where: 'sandbox', op: 'process.user', user: user.username, additionalGids: user.additionalGids, why },
  { where: 'sandbox', op: 'process.exec', argv: args, env, why },
]

const mount = ({ destination, type, source }: OciMount): SandboxStep => {
  return {
    where: 'sandbox',
    op: 'mount',
    source,
    target: destination,
    inside: true,
    type,
    flags: [],
    create: 'dir',
    why,
  }
}
