import { mkdirSync } from 'node:fs'
import {
  answerProblem,
  type CgroupPlan,
  type ContainerIdentity,
  type IsolationDriver,
  type LaunchPlan,
  type OciSpec,
} from '@rt/driver-api'
import { Bench } from '../bench/bench.ts'
import { ensure } from '../check.ts'

interface LaunchOptions {
  readonly container?: ContainerIdentity
  /** Whether the spec asks for the filter; it does by default. */
  readonly seccomp?: boolean
  readonly init?: boolean
}

const NONE: CgroupPlan = { enter: [], directories: [], leave: [] }

export class IsolationBench extends Bench<IsolationDriver> {
  readonly rootMountPoint = '/run/check/rootfs'

  async cgroups(id = this.identity().id): Promise<CgroupPlan> {
    const driver = this.driver()
    if (driver.cgroups === undefined) return NONE
    const plan = await driver.cgroups({ id })
    const problem = answerProblem('isolation', 'cgroups', plan)
    ensure(problem === undefined, `the answer to cgroups ${problem}`)
    return plan
  }

  async launch(
    args: readonly [string, ...string[]],
    { container = this.identity(), seccomp = true, init = false }: LaunchOptions = {},
  ): Promise<LaunchPlan> {
    mkdirSync(this.rootMountPoint, { recursive: true })
    const plan = await this.driver().launch({
      container,
      spec: specOf(container, args, seccomp),
      rootMounts: [
        {
          where: 'sandbox',
          op: 'mount',
          source: '/',
          target: this.rootMountPoint,
          inside: false,
          flags: ['bind'],
          why: "The machine's own files, which are read-only here, serve as an image.",
        },
      ],
      rootMountPoint: this.rootMountPoint,
      futureFiles: [],
      network: 'host',
      ...(init && { init: true }),
    })
    const problem = answerProblem('isolation', 'launch', plan)
    ensure(problem === undefined, `the answer to launch ${problem}`)
    return plan
  }
}

export const specOf = (
  { id, hostname }: { readonly id: string; readonly hostname: string },
  args: readonly [string, ...string[]],
  seccomp = true,
): OciSpec => ({
  ociVersion: '1.2.0',
  hostname,
  root: { path: '/run/check/rootfs', readonly: false },
  process: {
    terminal: false,
    args,
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'MARK=of the check'],
    cwd: '/',
    user: { username: '', additionalGids: [] },
    capabilities: KEPT,
    noNewPrivileges: false,
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=755'] },
  ],
  linux: {
    namespaces: (['pid', 'mount', 'uts', 'ipc'] as const).map((type) => ({ type })),
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    cgroupsPath: `/rt/${id}`,
    ...(seccomp && { seccomp: 'default' as const }),
  },
})

export const KEPT = ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SETGID', 'CAP_KILL']
