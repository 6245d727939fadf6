import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The file of a dotted key. As in sysctl(8) a slash stands for a dot that belongs to a name: `net.ipv4.conf.eth0/100.rp_filter`
 * is of the interface eth0.100.
 */
export const sysctlPath = (key: string): string =>
  join(
    '/proc/sys',
    key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')),
  )

/** Below net/ it is the value of the caller's network namespace. */
export const setSysctl = (key: string, value: string): void => writeFileSync(sysctlPath(key), value, { flag: 'r+' })
