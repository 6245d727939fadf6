import { RtError } from '@rt/driver-api'
import type { MountPoint } from '../store/mount-point.ts'

/** What the container has from the kernel there is nothing of the image, and much that cannot be copied. */
const KERNEL = /^\/(?:proc|sys|dev)(?:\/|$)/

/** What programs read there to know their machine, and emulations such as lxcfs put something else for: runc's list. */
const PROC_FILES =
  /^\/proc\/(?:cpuinfo|diskstats|meminfo|stat|swaps|uptime|loadavg|slabinfo|sys\/kernel\/ns_last_pid|sys\/crypto\/fips_enabled)$/

/**
 * A volume is not filled with what is the kernel's, and nothing is mounted below /proc, as in Docker: a program that writes to /proc/self/attr/exec to
 * confine itself must find the kernel there.
 * @throws RtError RT_USAGE
 */
export const checkDestination = (mount: MountPoint): MountPoint => {
  const { destination } = mount
  if (destination.startsWith('/proc/') && !PROC_FILES.test(destination))
    throw new RtError(
      'RT_USAGE',
      `Nothing can be mounted at ${destination}: below /proc only files such as /proc/cpuinfo take a mount, as in Docker.`,
      { remedy: 'Mount it outside of /proc.' },
    )
  if (!mount.fill || !KERNEL.test(destination)) return mount
  const { fill: _, ...unfilled } = mount
  return unfilled
}
