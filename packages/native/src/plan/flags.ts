import type { MountFlag } from '@rt/driver-api'

/** linux/mount.h */
const MOUNT_FLAGS: Readonly<Record<MountFlag, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  remount: 0x20,
  noatime: 0x400,
  bind: 0x1000,
  rec: 0x4000,
  unbindable: 0x20000,
  private: 0x40000,
  slave: 0x80000,
  shared: 0x100000,
  relatime: 0x200000,
  strictatime: 0x1000000,
}

export const mountFlags = (flags: readonly MountFlag[]): number =>
  flags.reduce((bits, flag) => bits | MOUNT_FLAGS[flag], 0)

/** linux/sched.h */
const CLONE_FLAGS = {
  time: 0x80,
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  pid: 0x20000000,
  network: 0x40000000,
} as const

export type NamespaceName = keyof typeof CLONE_FLAGS

export const cloneFlags = (names: readonly NamespaceName[]): number =>
  names.reduce((bits, name) => bits | CLONE_FLAGS[name], 0)

/** linux/capability.h, by number */
const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
]

/** @throws RangeError for a name that is no capability */
export const capabilityMask = (names: readonly string[]): bigint =>
  names.reduce((mask, name) => {
    const number = CAPABILITIES.indexOf(name.replace(/^CAP_/, ''))
    if (number < 0) throw new RangeError(`there is no capability ${name}`)
    return mask | (1n << BigInt(number))
  }, 0n)
