import { existsSync, readFileSync, statSync } from 'node:fs'
import {
  type CgroupPlan,
  type ContainerId,
  type DriverContext,
  type EnterPlan,
  type EnterRequest,
  type HostStep,
  type IsolationDriver,
  type LaunchPlan,
  type LaunchRequest,
  type OciResources,
  type OciSpec,
  type Probe,
  type ResourceUsage,
  RtError,
} from '@rt/driver-api'
import { thisHost } from './cgroups/host.ts'
import { joinedCgroups } from './cgroups/joined.ts'
import { type CgroupLayout, parseCgroupLayout } from './cgroups/layout.ts'
import { deviceControl, isEveryDevice, planCgroups } from './cgroups/plan.ts'
import { isFrozen, processesOf } from './cgroups/processes.ts'
import { type JoinedHierarchy, joinedHierarchies } from './launch/cgroup-mounts.ts'
import { enterSteps } from './launch/enter.ts'
import { defaultNofile, type Nofile } from './launch/limits.ts'
import { sandboxSteps } from './launch/plan.ts'
import { chooseLxcfs, judgeLxcfs, lxcfsMountPoint } from './lxcfs.ts'
import { OPTIONS, type Options, parseOptions } from './options.ts'
import { judgeHost, presentNamespaces } from './probe.ts'
import { architecture, seccompFilter } from './seccomp/filter.ts'

interface HostMounts {
  readonly layout: CgroupLayout
  /** Where lxcfs is mounted, if it runs. */
  readonly lxcfs: string | undefined
}

interface Subject {
  readonly id: ContainerId
}

/** Isolation by the kernel itself: namespaces, pivot_root, capabilities, seccomp and device rules, as Docker sets them up. */
export class NamespacesDriver implements IsolationDriver {
  static readonly options = OPTIONS
  static readonly capabilities = { groupNames: true }
  readonly #options: Options
  #host: HostMounts | undefined

  /** @throws RtError RT_DRIVER_OPTION where `context.options` holds what this driver does not know */
  constructor(context: DriverContext) {
    this.#options = parseOptions(context.options)
  }

  async probe(): Promise<Probe> {
    const { layout, lxcfs } = this.#mounts()
    const probe = judgeHost({
      uid: process.geteuid?.() ?? -1,
      kernel: process.getBuiltinModule('node:os').release(),
      namespaces: presentNamespaces(),
      seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
      machineKnown: architecture() !== undefined,
      machine: process.arch,
      layout,
    })
    if (!probe.ok) return probe
    const { detail, ...advice } = judgeLxcfs(lxcfs)
    return { ok: true, detail: `${probe.detail}; ${detail}`, ...advice }
  }

  /** @throws RtError RT_LIMIT_UNSUPPORTED */
  async cgroups({ id, resources }: Subject & { readonly resources?: OciResources }): Promise<CgroupPlan> {
    const layout = this.#cgroups()
    if (resources === undefined) return planCgroups(id, layout)
    const { limitSteps } = await import('./cgroups/limits/steps.ts')
    const { devices = [] } = resources
    return planCgroups(id, layout, { devices, limits: limitSteps(id, resources, layout, thisHost) })
  }

  /** @throws RtError RT_LIMIT_UNSUPPORTED, RT_LIMIT_BUSY */
  async update({ id }: Subject, resources: OciResources): Promise<readonly HostStep[]> {
    const { updateSteps } = await import('./cgroups/update.ts')
    return updateSteps(id, resources, this.#cgroups(), thisHost)
  }

  /** @throws RtError RT_LIMIT_UNSUPPORTED */
  async freeze({ id }: Subject, frozen: boolean): Promise<readonly HostStep[]> {
    const { freezeSteps } = await import('./cgroups/freeze.ts')
    return freezeSteps(id, frozen, this.#cgroups(), thisHost)
  }

  isFrozen({ id }: Subject): boolean {
    return isFrozen(id, this.#cgroups(), thisHost)
  }

  async usage({ id }: Subject): Promise<ResourceUsage> {
    const { usageOf } = await import('./cgroups/usage.ts')
    return usageOf(id, this.#cgroups(), thisHost)
  }

  processes({ id }: Subject): readonly number[] {
    return processesOf(id, this.#cgroups(), thisHost)
  }

  /**
   * @throws RtError RT_STEP_FAILED where the spec wants seccomp and its profile does not know this machine's system calls;
   * RT_LXCFS_MISSING where lxcfs is wanted and does not run
   */
  async launch(request: LaunchRequest): Promise<LaunchPlan> {
    const { layout, lxcfs } = this.#mounts()
    const sandbox = sandboxSteps(request, {
      root: this.#options.root,
      cgroups: layout.kind,
      lxcfs: chooseLxcfs(request.lxcfs ?? this.#options.lxcfs, lxcfs),
      joined: await this.#joined(request),
      devicesControlled: devicesControlled(layout, request.spec),
      ...(request.spec.linux.seccomp === 'default' && { filter: await filterFor(request.spec.process.capabilities) }),
      nofile: nofileOf(request.spec),
      isDirectory: (path) =>
        !request.futureFiles.includes(path) && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true),
    })
    return { enter: [], sandbox, leave: [] }
  }

  async #joined({ spec }: LaunchRequest): Promise<readonly JoinedHierarchy[]> {
    const { resources } = spec.linux
    const layout = this.#cgroups()
    if (resources === undefined || layout.kind === 'v2') return []
    const { limitedHierarchies } = await import('./cgroups/limits/steps.ts')
    return joinedHierarchies(limitedHierarchies(resources, layout, thisHost), layout)
  }

  /** @throws RtError RT_STEP_FAILED as `launch` */
  async enter({ container, spec, process }: EnterRequest): Promise<EnterPlan> {
    const layout = this.#cgroups()
    return {
      cgroups: joinedCgroups(layout, container.id, existsSync),
      sandbox: enterSteps(process, {
        devicesControlled: devicesControlled(layout, spec),
        ...(spec.linux.seccomp === 'default' && { filter: await filterFor(process.capabilities) }),
        nofile: nofileOf({ ...spec, process }),
      }),
    }
  }

  #cgroups(): CgroupLayout {
    return this.#mounts().layout
  }

  /** They do not change while a command runs: read once. */
  #mounts(): HostMounts {
    if (this.#host === undefined) {
      const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')
      this.#host = { layout: parseCgroupLayout(mountinfo), lxcfs: lxcfsMountPoint(mountinfo) }
    }
    return this.#host
  }
}

/** Where nothing controls them the container must not get at any, unless it may use all. */
const devicesControlled = (layout: CgroupLayout, { linux }: OciSpec): boolean =>
  deviceControl(layout).by !== 'none' || isEveryDevice(linux.resources?.devices)

async function filterFor(capabilities: readonly string[]): Promise<string> {
  const machine = architecture()
  if (machine === undefined) {
    throw new RtError('RT_STEP_FAILED', `The seccomp profile knows no ${process.arch} machines.`, {
      remedy: 'Use an x86_64 or an aarch64 machine.',
    })
  }
  return seccompFilter(capabilities, machine)
}

function nofileOf(spec: OciSpec): Nofile {
  const limit = spec.process.rlimits?.find(({ type }) => type === 'RLIMIT_NOFILE')
  return limit === undefined ? defaultNofile(readFileSync('/proc/self/limits', 'utf8')) : [limit.soft, limit.hard]
}
