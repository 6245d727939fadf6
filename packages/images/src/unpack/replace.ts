import { closeSync, constants, readdirSync } from 'node:fs'
import { errorCode } from '@rt/native'
import { AT_REMOVEDIR, type Name, openat2, unlinkat } from '@rt/native/fsat'
import { BENEATH } from './directories.ts'

/** Takes away what has a name that is needed, by a directory or by something else. */
export type Remove = (directory: number, name: Name, byDirectory: boolean) => void

/** Makes something with `make`; what already has the name is removed first, with all below it: the later entry of an archive counts. */
export const replacing = <T>(
  directory: number,
  name: Name,
  make: () => T,
  remove: Remove = removeAt,
  byDirectory = false,
): T => {
  try {
    return make()
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  remove(directory, name, byDirectory)
  return make()
}

/** Removes `name` and, where it is a directory, its tree. Goes by fds, so that no link can lead elsewhere. */
export const removeAt = (directory: number, name: Name): void => {
  try {
    unlinkat(directory, name)
    return
  } catch (error) {
    if (errorCode(error) !== 'EISDIR') throw error
  }
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const fd = openat2(directory, name, { flags, resolve: BENEATH })
  try {
    for (const child of readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' })) removeAt(fd, child)
  } finally {
    closeSync(fd)
  }
  unlinkat(directory, name, AT_REMOVEDIR)
}
