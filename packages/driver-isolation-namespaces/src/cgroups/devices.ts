export interface DeviceRule {
  /** In cgroup v1's notation: type, major:minor, and what may be done (read, write, mknod). */
  readonly rule: string
  readonly why: string
}

/**
 * Docker's device rules. Any node may be *made* (CAP_MKNOD is a default capability, and tar wants it) but only these may be opened:
 * without such a list a container could mknod the host's disk and read it.
 */
export const ALLOWED_DEVICES: readonly DeviceRule[] = [
  { rule: 'c *:* m', why: 'Making a device node is harmless as long as opening it is forbidden.' },
  { rule: 'b *:* m', why: 'The same for block devices: made, but not opened.' },
  { rule: 'c 1:3 rwm', why: '/dev/null may be used.' },
  { rule: 'c 1:5 rwm', why: '/dev/zero may be used.' },
  { rule: 'c 1:7 rwm', why: '/dev/full may be used.' },
  { rule: 'c 1:8 rwm', why: '/dev/random may be used.' },
  { rule: 'c 1:9 rwm', why: '/dev/urandom may be used.' },
  { rule: 'c 5:0 rwm', why: '/dev/tty, the controlling terminal, may be used.' },
  { rule: 'c 5:1 rwm', why: '/dev/console may be used.' },
  { rule: 'c 5:2 rwm', why: '/dev/ptmx, which makes new terminals, may be used.' },
  { rule: 'c 136:* rwm', why: 'The terminals that /dev/ptmx makes may be used.' },
]
