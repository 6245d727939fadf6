import { closeSync, constants, openSync } from 'node:fs'
import { processStartTime } from './end-process.ts'
import { errorCode } from './errno.ts'
import { O_PATH } from './node.ts'

/**
 * The root directory of a process in its own mount namespace, with all that is mounted there; undefined: it has ended. Looked at after
 * the opening, the start time tells that the pid was this very process all along.
 */
export const openProcessRoot = (pid: number, startTime: string): number | undefined => {
  let root: number
  try {
    root = openSync(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
  if (processStartTime(pid) === startTime) return root
  closeSync(root)
  return undefined
}
