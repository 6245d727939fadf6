import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hierarchies } from './cgroups.ts'
import type { Listing } from './differences.ts'
import { isGone } from './is-gone.ts'
import { LIST_KERNEL_STATE, parseListing } from './listing.ts'
import { SEARCH_PATH } from './requirements.ts'
import { WORLDS } from './stale.ts'

/**
 * What a test run must not change on the machine itself: its network, mounts and firewall, rt's cgroups and directories, the names in
 * / and /etc, and processes of a test that are still there.
 */
export function machineSnapshot(): Listing {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', LIST_KERNEL_STATE], {
    encoding: 'utf8',
    env: { PATH: SEARCH_PATH },
    maxBuffer: 64 << 20,
  })
  if (status !== 0) throw new Error(`no snapshot of the machine: ${stderr}`)
  return {
    ...parseListing(stdout),
    cgroups: hierarchies().flatMap(({ mountPoint }) => ownCgroups(mountPoint)),
    directories: ['/', '/etc', '/run/rt', '/var/lib/rt'].flatMap(entries).concat(entries(WORLDS).filter(isWorld)),
    processes: leftProcesses(),
  }
}

/** cgroups by the names that rt and its tests give: others come and go with the machine's own services. */
function ownCgroups(directory: string): string[] {
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return children.flatMap(({ name }) => {
    const path = `${directory}/${name}`
    return [...(/^rt-|^rt$/.test(name) ? [path] : []), ...ownCgroups(path)]
  })
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => `${directory}/${name}`)
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

const isWorld = (path: string): boolean => path.startsWith(`${WORLDS}/rt-world-`)

/** Processes that a test started (its environment says so) or that live in another pid namespace than we do. */
function leftProcesses(): string[] {
  const ours = readlinkSync('/proc/self/ns/pid')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        const foreign = readlinkSync(`/proc/${pid}/ns/pid`) !== ours
        if (!foreign && !environment.some((entry) => entry.startsWith('RT_TEST_WORLD='))) return []
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()]
      } catch (error) {
        // A process that protects itself even from root (some machines' first one) was not started by a test.
        if (isGone(error) || isForbidden(error)) return []
        throw error
      }
    })
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES'
}
