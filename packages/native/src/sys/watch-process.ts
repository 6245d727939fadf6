import { closeSync, writeSync } from 'node:fs'
import { processStartTime } from './end-process.ts'
import { library } from './koffi.ts'
import { syscall } from './libc.ts'
import { pidfdOpen } from './process.ts'

const EFD_CLOEXEC = 0o2000000
const POLLIN = 1
const POLL_ENTRY = 8

const eventfd = syscall('eventfd', ['uint', 'int'])

type AsyncPoll = {
  readonly async: (
    fds: Uint8Array,
    count: number,
    timeout: number,
    done: (error: Error | null, ready: number) => void,
  ) => void
}

let poll: AsyncPoll | undefined

/** The kernel writes into them when their wait ends: until then they must not be collected. */
const waiting = new Set<Buffer>()

export interface ProcessWatch {
  /** No call comes after this. */
  close(): void
}

/**
 * Calls `ended` once when the process that has this pid and start time has ended, at the next turn of the loop if it has already. Waits
 * in poll(2) on one of libuv's threads; a second descriptor ends the wait, because Node joins that thread when it exits.
 */
export const watchProcess = (pid: number, startTime: string, ended: () => void): ProcessWatch => {
  const pidfd = pidfdOpen(pid)
  if (pidfd === undefined || processStartTime(pid) !== startTime) {
    if (pidfd !== undefined) closeSync(pidfd)
    const timer = setImmediate(ended)
    return { close: () => clearImmediate(timer) }
  }
  const wake = eventfd(undefined, 0, EFD_CLOEXEC)
  const entries = Buffer.alloc(2 * POLL_ENTRY)
  for (const [index, fd] of [pidfd, wake].entries()) {
    entries.writeInt32LE(fd, index * POLL_ENTRY)
    entries.writeInt16LE(POLLIN, index * POLL_ENTRY + 4)
  }
  let open = true
  const close = (): void => {
    if (!open) return
    open = false
    process.off('exit', close)
    const one = Buffer.alloc(8)
    one[0] = 1
    writeSync(wake, one)
  }
  process.once('exit', close)
  poll ??= library().func('poll', 'int', ['void *', 'size_t', 'int']) as unknown as AsyncPoll
  waiting.add(entries)
  poll.async(entries, 2, -1, () => {
    waiting.delete(entries)
    const told = open
    close()
    closeSync(pidfd)
    closeSync(wake)
    if (told) ended()
  })
  return { close }
}
