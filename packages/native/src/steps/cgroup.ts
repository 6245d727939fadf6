import { closeSync, constants, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs'
import { monotonic } from '../sys/clock.ts'
import { errorCode } from '../sys/errno.ts'
import { removeDirectory } from './file.ts'

/** Answers whether the cgroup was missing. Parents are made as well. */
export const makeCgroup = (path: string): boolean => mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined

/** Cgroup files take one write(2) per value, and must not be created where the kernel does not have them. */
export const writeCgroup = (path: string, values: (write: (value: string) => void) => void): void => {
  const fd = openSync(path, constants.O_WRONLY)
  try {
    values((value) => void writeSync(fd, value))
  } finally {
    closeSync(fd)
  }
}

const PATIENCE_MS = 200

/**
 * Removes a cgroup without processes, and those that its container has made in it, where it may (--privileged). The last process leaves its
 * cgroup a moment after its parent has reaped it (v1 and v2 both free the task later), and EBUSY in that moment means "soon": so it is tried
 * again for 200 ms.
 */
export const removeCgroup = (path: string): boolean => {
  const deadline = monotonic() + PATIENCE_MS
  for (;;) {
    try {
      return removeDirectory(path)
    } catch (error) {
      if (errorCode(error) !== 'EBUSY' || monotonic() > deadline) throw error
      for (const nested of groupsIn(path)) removeCgroup(nested)
      // There is no event for the end of that moment on v1, and v2's cgroup.events would cost an epoll for a millisecond.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

const groupsIn = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${path}/${name}`)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
