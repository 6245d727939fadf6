import { closeSync, constants, openSync } from 'node:fs'
import { bytes } from './fsat.ts'
import { rawSyscall } from './libc.ts'
import { fdPath, O_PATH } from './node.ts'

// Numbers from 403 on are the same on every architecture. Linux 5.2.
const fsopenCall = rawSyscall('fsopen', 430, ['void *', 'uint'])
const fsconfigCall = rawSyscall('fsconfig', 431, ['int', 'uint', 'void *', 'void *', 'int'])
const fsmountCall = rawSyscall('fsmount', 432, ['int', 'uint', 'uint'])

const FSOPEN_CLOEXEC = 1
const SET_STRING = 1
const CMD_CREATE = 6
const FSMOUNT_CLOEXEC = 1
const RDONLY = 1
const NOSUID_NODEV_NOEXEC = 2 | 4 | 8
/** One string of fsconfig(2) has at most 255 bytes, and `/proc/self/fd/N:` 18. */
const LAYERS_IN_ONE_STRING = 14

export interface DetachedOverlay {
  /** Directories that are only read, topmost first. */
  readonly lower: readonly string[]
  /** Where changes go; without it the mount is read-only. */
  readonly writable?: { readonly upper: string; readonly work: string }
}

/**
 * The merged view of an overlay as the fd of its root. It is mounted nowhere, so no namespace sees it and no path leads into it, and
 * it ends with the fd, whatever becomes of this process. Devices do not open in it. More than 14 layers need Linux 6.8.
 * Errors: SyscallError.
 */
export const openDetachedOverlay = ({ lower, writable }: DetachedOverlay): number => {
  const open: number[] = []
  const path = (directory: string): string => {
    const fd = openSync(directory, O_PATH | constants.O_DIRECTORY)
    open.push(fd)
    return fdPath(fd)
  }
  try {
    const context = fsopenCall('overlay', bytes('overlay'), FSOPEN_CLOEXEC)
    open.push(context)
    const set = (key: string, value: string): void => {
      fsconfigCall(`overlay ${key}`, context, SET_STRING, bytes(key), bytes(value), 0)
    }
    const layers = lower.map(path)
    if (layers.length <= LAYERS_IN_ONE_STRING) set('lowerdir', layers.join(':'))
    else for (const layer of layers) set('lowerdir+', layer)
    if (writable !== undefined) {
      set('upperdir', path(writable.upper))
      set('workdir', path(writable.work))
    }
    // As the container itself mounts it: what is written here must look to the container as if it had written it.
    for (const setting of ['index', 'metacopy', 'redirect_dir']) set(setting, 'off')
    fsconfigCall('overlay', context, CMD_CREATE, null, null, 0)
    return fsmountCall('overlay', context, FSMOUNT_CLOEXEC, NOSUID_NODEV_NOEXEC | (writable === undefined ? RDONLY : 0))
  } finally {
    for (const fd of open) closeSync(fd)
  }
}
