import { readFileSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { waitReadable } from './poll.ts'
import { closeFd, pidfdOpen, pidfdSendSignal } from './process.ts'

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
 * A pidfd of exactly the process that had this pid at that start time; undefined: it has gone. The descriptor is opened first and the start
 * time compared after, so that they are of one process and not of one that took the number over.
 */
export const openProcess = (pid: number, startTime: string): number | undefined => {
  const pidfd = pidfdOpen(pid)
  if (pidfd === undefined) return undefined
  if (processStartTime(pid) === startTime) return pidfd
  closeFd(pidfd)
  return undefined
}

/** Kills exactly the process that had this pid at that start time, and waits until it has ended. */
export const killProcess = (pid: number, startTime: string): void => {
  const pidfd = openProcess(pid, startTime)
  if (pidfd === undefined) return
  try {
    if (pidfdSendSignal(pidfd, 'SIGKILL')) waitReadable([pidfd], Number.POSITIVE_INFINITY)
  } finally {
    closeFd(pidfd)
  }
}
