import { readFileSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'
import { closeFd, pidfdOpen, pidfdSendSignal } from './process.ts'

const POLLIN = 1
const poll = syscall('poll', ['void *', 'size_t', 'int'])

/** Clock ticks after boot, field 22 of /proc/pid/stat; undefined: there is no such process. */
export const processStartTime = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Field 2, the name, may hold spaces and brackets; the fields behind it do not.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined
    throw error
  }
}

/**
 * Kills exactly the process that had this pid at that start time, and waits until it has ended. A process that took the number over
 * later is left alone: the descriptor is opened first and the start time compared after, so that they are of one process.
 */
export const killProcess = (pid: number, startTime: string): void => {
  const pidfd = pidfdOpen(pid)
  if (pidfd === undefined) return
  try {
    if (processStartTime(pid) !== startTime || !pidfdSendSignal(pidfd, 'SIGKILL')) return
    const request = Buffer.alloc(8)
    request.writeInt32LE(pidfd, 0)
    request.writeInt16LE(POLLIN, 4)
    poll(`pid ${pid}`, request, 1, -1)
  } finally {
    closeFd(pidfd)
  }
}
