import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { library } from './koffi.ts'
import { syscall } from './libc.ts'

const F_SETFD = 2
const FD_CLOEXEC = 1
const F_OFD_GETLK = 36
const F_OFD_SETLK = 37
const F_OFD_SETLKW = 38
const F_WRLCK = 1
const F_UNLCK = 2

const fcntlLock = syscall('fcntl', ['int', 'int', 'void *'])
const fcntlInt = syscall('fcntl', ['int', 'int', 'int'])

/** A lock that lasts as long as its open file description: it goes along through execve and fork where the fd does. */
export interface FileLock {
  readonly path: string
  readonly fd: number
  release(): void
}

/**
 * Takes the lock of `path` (made where it is missing, mode 0600), or answers undefined at once when somebody holds it. An
 * open file description lock: unlike flock(2) it can be tested without being taken, unlike POSIX locks it survives
 * another close() of the same file in this process.
 */
export const tryLock = (path: string): FileLock | undefined => acquire(path, F_OFD_SETLK)

/** Takes the lock of `path`, waiting for whoever holds it. Blocks the thread. */
export const lock = (path: string): FileLock => acquire(path, F_OFD_SETLKW) as FileLock

type AsyncLock = {
  readonly async: (
    fd: number,
    command: number,
    lock: Uint8Array,
    done: (error: Error | null, result: number) => void,
  ) => void
}

let lockOnAnotherThread: AsyncLock | undefined

/** As `lock`, but one of libuv's threads waits where somebody holds it. */
export const lockAsync = async (path: string): Promise<FileLock> => {
  for (;;) {
    const free = tryLock(path)
    if (free) return free
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    const whole = wholeFile(F_WRLCK)
    lockOnAnotherThread ??= library().func('fcntl', 'int', ['int', 'int', 'void *']) as unknown as AsyncLock
    const call = lockOnAnotherThread
    const result = await new Promise<number>((resolve) =>
      call.async(fd, F_OFD_SETLKW, whole, (error, result) => resolve(error ? -1 : result)),
    )
    if (result === 0 && stillThere(fd, path)) return { path, fd, release: () => closeSync(fd) }
    closeSync(fd)
    // Only the thread that made the call knows its errno: this one asks for its own.
    if (result !== 0) return lock(path)
  }
}

/** A file that somebody may hold the lock of. */
export interface LockSight {
  /** As `isLocked` says it: not where the file has gone, though its holder may have it yet. */
  isHeld(): boolean
  close(): void
}

/** Sees the lock of the file that has this name now, whichever file has it later; undefined: there is none. */
export const sightLock = (path: string): LockSight | undefined => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  return {
    isHeld: () => {
      if (fstatSync(fd).nlink === 0) return false
      const query = wholeFile(F_WRLCK)
      fcntlLock(path, fd, F_OFD_GETLK, query)
      return query.readInt16LE(0) !== F_UNLCK
    },
    close: () => closeSync(fd),
  }
}

/** Whether somebody holds the lock of `path`, without taking it. A missing file is not locked. */
export const isLocked = (path: string): boolean => {
  const sight = sightLock(path)
  try {
    return sight?.isHeld() ?? false
  } finally {
    sight?.close()
  }
}

/**
 * Waits until nobody holds the lock of `path`, or until there is no such file. Unlike `lock` it never makes the file: it may lie in a
 * directory that the holder is just removing. Blocks the thread.
 */
export const waitUnlocked = (path: string): void => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDWR)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  try {
    for (;;) {
      try {
        fcntlLock(path, fd, F_OFD_SETLKW, wholeFile(F_WRLCK))
        return
      } catch (error) {
        if (errorCode(error) !== 'EINTR') throw error
      }
    }
  } finally {
    closeSync(fd)
  }
}

/** Whether the fd closes at execve. Node opens everything with it; what the shim shall hold must be without. */
export const setCloseOnExec = (fd: number, close: boolean): void => {
  fcntlInt(undefined, fd, F_SETFD, close ? FD_CLOEXEC : 0)
}

const acquire = (path: string, command: number): FileLock | undefined => {
  for (;;) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      fcntlLock(path, fd, command, wholeFile(F_WRLCK))
      // While we waited the holder may have removed the file, and a lock on an unlinked file excludes nobody.
      if (stillThere(fd, path)) return { path, fd, release: () => closeSync(fd) }
      closeSync(fd)
    } catch (error) {
      closeSync(fd)
      const code = errorCode(error)
      if (command === F_OFD_SETLK && (code === 'EAGAIN' || code === 'EACCES')) return undefined
      if (code !== 'EINTR') throw error
    }
  }
}

const stillThere = (fd: number, path: string): boolean => {
  const named = statSync(path, { throwIfNoEntry: false })
  return named !== undefined && named.ino === fstatSync(fd).ino
}

/** struct flock of 64-bit Linux: type, whence, start, length (0: to the end), pid (must be 0 for OFD locks). */
const wholeFile = (type: number): Buffer => {
  const flock = Buffer.alloc(32)
  flock.writeInt16LE(type, 0)
  return flock
}
