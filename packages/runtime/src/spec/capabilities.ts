import { RtError, suggest } from '@rt/driver-api'

/** All capabilities of Linux 6.18, in the kernel's order (linux/capability.h). */
export const ALL_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
]

/** The fourteen that Docker leaves to a container. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SYS_CHROOT',
  'CAP_MKNOD',
  'CAP_AUDIT_WRITE',
  'CAP_SETFCAP',
]

/**
 * The capabilities that a container keeps, in the kernel's order. Names in any case, with or without `CAP_`; `ALL` stands for all.
 * As in Docker, adding wins over dropping where both name the same one, and dropping wins over an added `ALL`.
 * @throws RtError RT_USAGE for an unknown name, and for `ALL` added and dropped
 */
export function keptCapabilities(add: readonly string[] = [], drop: readonly string[] = []): readonly string[] {
  if (add.length === 0 && drop.length === 0) return DEFAULT_CAPABILITIES
  const added = new Set(add.map((name) => canonicalName(name, '--cap-add')))
  const dropped = new Set(drop.map((name) => canonicalName(name, '--cap-drop')))
  if (added.has('ALL') && dropped.has('ALL')) {
    throw new RtError('RT_USAGE', '--cap-add=ALL and --cap-drop=ALL contradict each other.', {
      remedy: 'Give one of them.',
    })
  }
  if (added.has('ALL')) return ALL_CAPABILITIES.filter((name) => !dropped.has(name))
  const base = new Set(dropped.has('ALL') ? [] : DEFAULT_CAPABILITIES)
  return ALL_CAPABILITIES.filter((name) => added.has(name) || (base.has(name) && !dropped.has(name)))
}

function canonicalName(given: string, flag: string): string {
  const upper = given.toUpperCase()
  if (upper === 'ALL') return upper
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  if (ALL_CAPABILITIES.includes(name)) return name
  const meant = suggest(name, ALL_CAPABILITIES)
  throw new RtError('RT_USAGE', `${flag}: there is no capability "${given}".`, {
    remedy:
      meant === undefined ? 'See capabilities(7) for their names.' : `Did you mean ${meant.slice('CAP_'.length)}?`,
  })
}
