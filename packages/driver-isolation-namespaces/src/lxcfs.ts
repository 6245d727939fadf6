import { existsSync, readdirSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { decodePath } from './cgroups/layout.ts'
import type { LxcfsView } from './launch/lxcfs.ts'

/** What takes the place of the kernel's own files. Others that lxcfs offers, such as slabinfo, are nothing that a container reads. */
const PROC = ['cpuinfo', 'meminfo', 'stat', 'uptime', 'loadavg', 'swaps', 'diskstats']

/**
 * Where lxcfs is mounted, by the text of /proc/self/mountinfo; undefined: nowhere. A single file of it, bound somewhere, as in a
 * container that has been given some, is no lxcfs.
 */
export function lxcfsMountPoint(mountinfo: string): string | undefined {
  // Hosts without it are most, and their starts should not pay for those with it.
  if (!mountinfo.includes(' - fuse.lxcfs ')) return undefined
  for (const line of mountinfo.split('\n')) {
    const [, , , root, mountPoint = ''] = line.split(' ')
    if (line.includes(' - fuse.lxcfs ') && root === '/') return decodePath(mountPoint)
  }
  return undefined
}

/** Asks lxcfs what it offers. @throws an Error of the system where it does not answer, as ENOTCONN after its process has ended */
export function lookAtLxcfs(mountPoint: string): LxcfsView {
  const offered = new Set(readdirSync(`${mountPoint}/proc`))
  const proc = PROC.filter((name) => offered.has(name) && existsSync(`/proc/${name}`))
  const cpu = `${mountPoint}/sys/devices/system/cpu`
  // Its own hook for LXC tells complete directories by this file: older versions had nothing but `online`.
  if (existsSync(`${cpu}/uevent`)) return { mountPoint, proc, cpu: 'directory' }
  return existsSync(`${cpu}/online`) ? { mountPoint, proc, cpu: 'online' } : { mountPoint, proc }
}

/**
 * What a container that asked for `mode` is shown of it; undefined: the kernel's own files.
 * @throws RtError RT_LXCFS_MISSING for `on` where there is none that answers
 */
export function chooseLxcfs(mode: 'auto' | 'on' | 'off', mountPoint: string | undefined): LxcfsView | undefined {
  if (mode === 'off' || (mode === 'auto' && mountPoint === undefined)) return undefined
  if (mountPoint === undefined) {
    throw new RtError('RT_LXCFS_MISSING', '--lxcfs=on was asked for, but lxcfs does not run on this host.', {
      remedy: `Install the package lxcfs and start its service (${INSTALL}), or use --lxcfs=auto.`,
    })
  }
  try {
    return lookAtLxcfs(mountPoint)
  } catch (error) {
    if (mode === 'auto') return undefined
    throw new RtError('RT_LXCFS_MISSING', `--lxcfs=on was asked for, but the lxcfs at ${mountPoint} does not answer.`, {
      remedy: 'Start it again (systemctl restart lxcfs), or use --lxcfs=auto.',
      cause: error,
    })
  }
}

const INSTALL = 'apt-get install lxcfs'

/** For `rt doctor`: what is, and what would be better. */
export function judgeLxcfs(mountPoint: string | undefined): { readonly detail: string; readonly advice?: string } {
  const without = 'so free, top and nproc in a container show the whole machine instead of the limits of the container'
  if (mountPoint === undefined) {
    const advice = `lxcfs does not run, ${without}. Install the package lxcfs and start its service: ${INSTALL}`
    return { detail: 'no lxcfs', advice }
  }
  try {
    lookAtLxcfs(mountPoint)
    return { detail: `lxcfs at ${mountPoint}` }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      detail: `lxcfs at ${mountPoint} does not answer`,
      advice: `lxcfs has ended (${reason}), ${without}. Start it again: systemctl restart lxcfs`,
    }
  }
}
