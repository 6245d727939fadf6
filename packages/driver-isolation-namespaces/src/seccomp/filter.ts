import { PRECOMPILED } from './generated/precompiled.ts'
import type { Architecture } from './profile.ts'

export type { Architecture }

/** The capabilities that open system calls in the default profile. The others make no difference to the filter. */
const MATTERS = new Set([
  'CAP_BPF',
  'CAP_DAC_READ_SEARCH',
  'CAP_PERFMON',
  'CAP_SYSLOG',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_CHROOT',
  'CAP_SYS_MODULE',
  'CAP_SYS_NICE',
  'CAP_SYS_PACCT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
])

/** The machine that Node was built for, as the kernel names it; undefined: one whose system calls the profile does not know. */
export const architecture = (): Architecture | undefined =>
  process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : undefined

/**
 * The default profile for a container that keeps `capabilities` (`CAP_*` names): struct sock_filter[], base64. The usual sets
 * are compiled ahead of time; the compiler and its tables are loaded only for another one.
 */
export async function seccompFilter(capabilities: readonly string[], machine: Architecture): Promise<string> {
  const relevant = capabilities.filter((name) => MATTERS.has(name))
  const ready = PRECOMPILED[machine]?.[relevant.join()]
  if (ready !== undefined) return ready
  const { compileProfile } = await import('./compile.ts')
  return compileProfile(relevant, machine)
}
