import { closeSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { rawSyscall, syscall } from './libc.ts'

// Numbers from 403 on are the same on every architecture.
const pidfdSendSignalCall = rawSyscall('pidfd_send_signal', 424, ['int', 'int', 'void *', 'uint'])
const pidfdOpenCall = rawSyscall('pidfd_open', 434, ['int', 'uint'])
const killCall = syscall('kill', ['int', 'int'])

/** A file descriptor that stands for a process and, unlike its number, is never reused; undefined: no such process. */
export const pidfdOpen = (pid: number): number | undefined => {
  try {
    return pidfdOpenCall(`pid ${pid}`, pid, 0)
  } catch (error) {
    // EINVAL, on newer kernels ENOENT: the number is a thread's by now, so it is no process's.
    if (['ESRCH', 'EINVAL', 'ENOENT'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}

/** False: the process has ended. `signal` 0 only asks. */
export const pidfdSendSignal = (pidfd: number, signal: number | NodeJS.Signals): boolean =>
  unlessGone(() => pidfdSendSignalCall(undefined, pidfd, signalNumber(signal), null, 0))

/** False: no such process. A negative pid means the process group. */
export const kill = (pid: number, signal: number | NodeJS.Signals): boolean =>
  unlessGone(() => killCall(`pid ${pid}`, pid, signalNumber(signal)))

export const closeFd = (fd: number): void => closeSync(fd)

export const isRoot = (): boolean => process.geteuid?.() === 0

const signalNumber = (signal: number | NodeJS.Signals): number =>
  typeof signal === 'number' ? signal : process.getBuiltinModule('node:os').constants.signals[signal]

const unlessGone = (call: () => number): boolean => {
  try {
    call()
    return true
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
    throw error
  }
}
