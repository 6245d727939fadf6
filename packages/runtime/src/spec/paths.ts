import { existsSync, readdirSync } from 'node:fs'

/** What Docker hides from a container: these tell about the host or reach into it, and belong to no namespace. */
export const MASKED_PATHS: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]

/** What Docker makes read-only. */
export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/**
 * `.../cpuN/thermal_throttle` of this host, which Docker hides too: how often a CPU was throttled tells one container what the
 * others do. Virtual machines have none, and then a single look is all that this costs.
 */
export function thermalThrottlePaths(root = '/sys/devices/system/cpu'): readonly string[] {
  if (!existsSync(`${root}/cpu0/thermal_throttle`)) return []
  return readdirSync(root)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${root}/${name}/thermal_throttle`)
}
