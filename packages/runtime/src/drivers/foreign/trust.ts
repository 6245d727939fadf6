import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RtError } from '@rt/driver-api'

/**
 * A driver runs as root, so nobody but root may be able to change it: its files, its folder, and every directory above, through which it could
 * be exchanged. Who owns rt's own program can change that already, and is trusted likewise.
 *
 * @throws RtError RT_DRIVER_UNTRUSTED
 */
export const assertTrusted = (driver: string, paths: readonly string[]): void => {
  const looked = new Set<string>()
  for (const path of paths) for (const each of upwards(realpathSync(path))) looked.add(each)
  for (const path of looked) refuse(driver, path, lstatSync(path))
}

/** The same of every file below the folder: for `add` and `verify`, which have the time. */
export const assertTrustedTree = (driver: string, folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) continue
    refuse(driver, path, lstatSync(path))
    if (entry.isDirectory()) assertTrustedTree(driver, path)
  }
}

const refuse = (driver: string, path: string, stats: Stats): void => {
  const { uid, gid, mode } = stats
  const own = statSync(import.meta.filename)
  if (uid !== 0 && uid !== own.uid && uid !== process.geteuid?.())
    throw untrusted(driver, path, `belongs to the user ${uid}`)
  // Into a sticky directory others may put files, but not exchange those of root.
  const sticky = (mode & 0o1000) !== 0 && stats.isDirectory()
  if ((mode & 0o002) !== 0 && !sticky) throw untrusted(driver, path, 'may be written to by everybody')
  if ((mode & 0o020) !== 0 && !sticky && gid !== 0 && gid !== own.gid)
    throw untrusted(driver, path, `may be written to by the group ${gid}`)
}

const untrusted = (driver: string, path: string, why: string): RtError =>
  new RtError('RT_DRIVER_UNTRUSTED', `The ${driver} would run as root, but ${path} ${why}.`)

const upwards = (path: string): string[] => (path === '/' ? ['/'] : [path, ...upwards(dirname(path))])
