import { existsSync } from 'node:fs'
import type { Probe } from '@rt/driver-api'
import type { CgroupLayout } from './cgroups/layout.ts'
import { deviceControl } from './cgroups/plan.ts'

/** What the driver asks of a host, gathered by `observeHost` and judged by `judgeHost`. */
export interface HostFacts {
  readonly uid: number
  /** `uname -r` */
  readonly kernel: string
  /** Names in /proc/self/ns. */
  readonly namespaces: ReadonlySet<string>
  readonly seccomp: boolean
  /** Whether the seccomp profile knows the system calls of this machine. */
  readonly machineKnown: boolean
  readonly machine: string
  readonly layout: CgroupLayout
}

const NAMESPACES: Readonly<Record<string, string>> = {
  pid: 'CONFIG_PID_NS',
  mnt: 'CONFIG_NAMESPACES',
  uts: 'CONFIG_UTS_NS',
  ipc: 'CONFIG_IPC_NS',
  net: 'CONFIG_NET_NS',
  cgroup: 'CONFIG_CGROUPS',
}

export const presentNamespaces = (): Set<string> =>
  new Set(Object.keys(NAMESPACES).filter((name) => existsSync(`/proc/self/ns/${name}`)))

/** Says the first thing that keeps this host from isolating, or how it will isolate. */
export function judgeHost(facts: HostFacts): Probe {
  if (facts.uid !== 0) {
    return no('rt does not run as root, and namespaces and mounts need root.', 'Run it again with sudo.')
  }
  const missing = Object.keys(NAMESPACES).filter((name) => !facts.namespaces.has(name))
  if (missing.length > 0) {
    const settings = missing.map((name) => NAMESPACES[name]).join(', ')
    return no(
      `The kernel has no ${missing.join(', ')} namespace.`,
      `Boot a kernel that is built with ${settings}, and have /proc mounted.`,
    )
  }
  if (!atLeast(facts.kernel, 5, 6)) {
    return no(
      `Linux ${facts.kernel} has no openat2, which keeps links of an image from leading out of it.`,
      'Boot Linux 5.6 or newer.',
    )
  }
  if (!facts.seccomp) {
    return no('The kernel cannot filter system calls.', 'Boot a kernel that is built with CONFIG_SECCOMP_FILTER.')
  }
  if (!facts.machineKnown) {
    return no(`The seccomp profile knows no ${facts.machine} machines.`, 'Use an x86_64 or an aarch64 machine.')
  }
  return { ok: true, detail: `Linux ${facts.kernel}; cgroups: ${facts.layout.kind}; ${deviceDetail(facts.layout)}` }
}

function deviceDetail(layout: CgroupLayout): string {
  const control = deviceControl(layout)
  if (control.by === 'v1') return `devices are controlled by the list in ${control.hierarchy}`
  if (control.by === 'bpf') return `devices are controlled by a BPF program in ${control.hierarchy}`
  return 'devices cannot be controlled (no writable cgroup hierarchy), so containers run without CAP_MKNOD and on nodev mounts'
}

function atLeast(release: string, major: number, minor: number): boolean {
  const [, a = '0', b = '0'] = /^(\d+)\.(\d+)/.exec(release) ?? []
  return Number(a) > major || (Number(a) === major && Number(b) >= minor)
}

const no = (reason: string, remedy: string): Probe => ({ ok: false, reason, remedy })
