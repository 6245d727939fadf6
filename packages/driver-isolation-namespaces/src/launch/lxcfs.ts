import type { SandboxStep } from '@rt/driver-api'

/** What an lxcfs of the host has to offer, as paths of the host. */
export interface LxcfsView {
  readonly mountPoint: string
  /** Below its `proc`, as far as the kernel has the same file. */
  readonly proc: readonly string[]
  /** Whether its `sys/devices/system/cpu` is a whole directory, or only `online` in it; undefined: neither. */
  readonly cpu?: 'directory' | 'online'
}

const SEE = 'https://linuxcontainers.org/lxcfs/introduction/'
const CPU = '/sys/devices/system/cpu'

/** To follow the mount of the container's own proc. */
export const lxcfsProcSteps = ({ mountPoint, proc }: LxcfsView): SandboxStep[] =>
  proc.map((name) =>
    bind(
      `${mountPoint}/proc/${name}`,
      `/proc/${name}`,
      `The kernel's ${name} tells of the whole machine; lxcfs makes one that tells of the container's limits.`,
    ),
  )

/** To follow the mount of the container's own sysfs. */
export function lxcfsSysSteps({ mountPoint, cpu }: LxcfsView): SandboxStep[] {
  if (cpu === undefined) return []
  const path = cpu === 'directory' ? CPU : `${CPU}/online`
  return [
    bind(
      `${mountPoint}${path}`,
      path,
      'Programs count the processors here; lxcfs shows those that the container may use.',
    ),
  ]
}

/** Read-only, as its directory of processors passes on what is written to it. */
const bind = (source: string, target: string, why: string): SandboxStep => ({
  where: 'sandbox',
  op: 'mount',
  source,
  target,
  inside: true,
  flags: ['bind', 'ro', 'nosuid', 'nodev', 'noexec'],
  why,
  see: SEE,
  failure: {
    ENOTCONN: {
      code: 'RT_STEP_FAILED',
      message: `The host's lxcfs has ended, so its ${source} cannot be shown in the container.`,
      remedy: 'Start lxcfs again, or use --lxcfs=off.',
    },
  },
})
