import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sweepCgroups } from './cgroups.ts'
import { isGone } from './is-gone.ts'

/** On a disk by the FHS, where /tmp may be a tmpfs. */
export const WORLDS = '/var/tmp'

/** What every directory and cgroup of a world begins with. */
export const PREFIX = 'rt-world-'

/** Names the process that owns a world so that another can tell whether it still lives: by pid and start time, as pids come again. */
export function worldPrefix(): string {
  return `${PREFIX}${process.pid}-${startTime(process.pid)}-`
}

/** Removes what test runs that were killed could not remove. Their processes ended with them. */
export function sweepStaleWorlds(): void {
  sweepCgroups(isStale)
  for (const name of readdirSync(WORLDS).filter(isStale)) rmSync(join(WORLDS, name), { recursive: true, force: true })
}

function isStale(name: string): boolean {
  const owner = /^rt-world-(\d+)-(\d+)-/.exec(name)
  return owner !== null && startTime(Number(owner[1])) !== owner[2]
}

/** In clock ticks since boot; undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name is in parentheses and may hold spaces and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
