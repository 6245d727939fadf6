import { readFileSync } from 'node:fs'
import {
  type DriverContext,
  declaredOptions,
  type IsolationDriver,
  type IsolationDriverClass,
  type LaunchPlan,
  type LaunchRequest,
  type MountFlag,
  type OciMount,
  type Probe,
  type SandboxStep,
} from '@rt/driver-api'

const OPTIONS = {}

/** Namespaces, a root of its own and few capabilities: what makes a container, without limits and without a filter of system calls. */
export default class {{class}} implements IsolationDriver {
  static readonly options = OPTIONS
  static readonly capabilities = { seccomp: false, init: false }

  constructor({ options }: DriverContext) {
    declaredOptions('isolation.{{name}}', options, OPTIONS)
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing but namespaces' }
  }

  async launch({ spec, rootMounts, rootMountPoint }: LaunchRequest): Promise<LaunchPlan> {
    const { process } = spec
    const own: SandboxStep = {
      where: 'sandbox',
      op: 'mount',
      source: 'none',
      target: '/',
      inside: false,
      flags: ['rec', 'private'],
      why: "What is mounted from here on must not be seen by the host's mount tree.",
      see: 'mount_namespaces(7)',
    }
    return {
      enter: [],
      sandbox: [
        own,
        ...rootMounts,
        { where: 'sandbox', op: 'root.set', path: rootMountPoint, why: 'Paths inside mean this from here on.' },
        ...spec.mounts.map(mountStep),
        ...spec.linux.maskedPaths.map(
          (path): SandboxStep => ({ where: 'sandbox', op: 'inside.mask', path, why: 'It tells of the host.' }),
        ),
        ...spec.linux.readonlyPaths.map(
          (path): SandboxStep => ({ where: 'sandbox', op: 'inside.readonly', path, why: 'It would change the host.' }),
        ),
        { where: 'sandbox', op: 'hostname', name: spec.hostname, why: 'The uts namespace is its own.' },
        { where: 'sandbox', op: 'root.enter', mode: 'pivot', why: 'From here on the host is out of sight.', see: 'pivot_root(2)' },
        ...(process.terminal
          ? [{ where: 'sandbox', op: 'terminal', why: 'A terminal of its own devpts.' } as const]
          : []),
        { where: 'sandbox', op: 'process.reset', nofile: openFiles(), why: 'Nothing of rt is inherited.' },
        { where: 'sandbox', op: 'process.chdir', path: process.cwd, why: 'Where the program is to start.' },
        { where: 'sandbox', op: 'process.capabilities', keep: process.capabilities, why: 'Root has these, and no others.', see: 'capabilities(7)' },
        { where: 'sandbox', op: 'process.user', user: process.user.username, additionalGids: process.user.additionalGids, why: 'Who the program is.' },
        ...(process.noNewPrivileges
          ? [{ where: 'sandbox', op: 'process.no_new_privs', why: 'Setuid programs give nothing.' } as const]
          : []),
        { where: 'sandbox', op: 'process.exec', argv: process.args, env: process.env, why: 'The container begins.' },
      ],
      leave: [],
    }
  }
}

/** The hard limit stays as it was; Node has raised the soft one for itself. */
const openFiles = (): [soft: number, hard: number] => {
  const [, hard = '1024'] = /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return [Math.min(1024, Number(hard)), Number(hard)]
}

const FLAGS: readonly MountFlag[] = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'relatime', 'strictatime']

const mountStep = ({ destination, type, source, options }: OciMount): SandboxStep => {
  const isBind = options.includes('bind') || options.includes('rbind')
  const flags = [
    ...FLAGS.filter((flag) => options.includes(flag)),
    ...(isBind ? (['bind'] as const) : []),
    ...(options.includes('rbind') ? (['rec'] as const) : []),
  ]
  const data = options.filter((word) => word.includes('=') || word === 'newinstance').join(',')
  return {
    where: 'sandbox',
    op: 'mount',
    source,
    target: destination,
    inside: true,
    ...(!isBind && { type }),
    flags,
    ...(data !== '' && { data }),
    create: isBind && /^\/etc\/(hosts|hostname|resolv\.conf)$/.test(destination) ? 'file' : 'dir',
    why: `The container has ${destination} of its own.`,
  }
}

// What users get is checked here: a class that is no isolation driver does not compile.
{{class}} satisfies IsolationDriverClass
