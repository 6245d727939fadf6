import { existsSync, readFileSync, statSync } from 'node:fs'
import {
  type CgroupPlan,
  type ContainerIdentity,
  type DriverContext,
  type EnterPlan,
  type EnterRequest,
  type IsolationDriver,
  type LaunchPlan,
  type LaunchRequest,
  type OciSpec,
  type Probe,
  RtError,
} from '@rt/driver-api'
import { joinedCgroups } from './cgroups/joined.ts'
import { type CgroupLayout, parseCgroupLayout } from './cgroups/layout.ts'
import { deviceControl, planCgroups } from './cgroups/plan.ts'
import { enterSteps } from './launch/enter.ts'
import { defaultNofile, type Nofile } from './launch/limits.ts'
import { sandboxSteps } from './launch/plan.ts'
import { chooseLxcfs, judgeLxcfs, lxcfsMountPoint } from './lxcfs.ts'
import { type Options, parseOptions } from './options.ts'
import { judgeHost, presentNamespaces } from './probe.ts'
import { architecture, seccompFilter } from './seccomp/filter.ts'

interface HostMounts {
  readonly layout: CgroupLayout
  /** Where lxcfs is mounted, if it runs. */
  readonly lxcfs: string | undefined
}

/** Isolation by the kernel itself: namespaces, pivot_root, capabilities, seccomp and device rules, as Docker sets them up. */
export class NamespacesDriver implements IsolationDriver {
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

  async cgroups(container: Pick<ContainerIdentity, 'id'>): Promise<CgroupPlan> {
    return planCgroups(container.id, deviceControl(this.#cgroups()))
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
      devicesControlled: deviceControl(layout).by !== 'none',
      ...(request.spec.linux.seccomp === 'default' && { filter: await filterFor(request.spec.process.capabilities) }),
      nofile: nofileOf(request.spec),
      isDirectory: (path) =>
        !request.futureFiles.includes(path) && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true),
    })
    return { enter: [], sandbox, leave: [] }
  }

  /** @throws RtError RT_STEP_FAILED as `launch` */
  async enter({ container, spec, process }: EnterRequest): Promise<EnterPlan> {
    const layout = this.#cgroups()
    return {
      cgroups: joinedCgroups(layout, container.id, existsSync),
      sandbox: enterSteps(process, {
        devicesControlled: deviceControl(layout).by !== 'none',
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
