import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { environment, must } from './command.mjs'

/** Starts the bench again where mounts and network are its own, unless RT_BENCH_HERE says that it is in such a place already. */
export const enterOwnNamespaces = () => {
  if (process.env.RT_BENCH_HERE) return
  const inside = ['--mount', '--net', '--propagation', 'private', process.execPath, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', inside, { stdio: 'inherit', env: { ...process.env, RT_BENCH_HERE: 'own' } })
  process.exit(status ?? 1)
}

/**
 * Directories for rt, as they are by default for everybody: data on a disk, and what goes with a reboot in memory (/run is a tmpfs; the other
 * engines have theirs there). A journal that stalls would otherwise be counted as a slow start.
 *
 * @returns {{ scratch: string, remove: () => void }} `scratch` is on the disk, for the bench's own files too
 */
export const makePlaces = () => {
  if (process.env.RT_BENCH_HERE === 'own') must(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'run', '/run'])
  const [scratch, run] = ['/var/tmp', '/run'].map((directory) => mkdtempSync(join(directory, 'rt-bench-')))
  Object.assign(environment, { RT_ROOT: join(scratch, 'root'), RT_RUN_ROOT: run })
  const remove = () => {
    for (const path of [scratch, run]) rmSync(path, { recursive: true, force: true })
  }
  return { scratch, remove }
}
