import { closeSync, readSync, writeSync } from 'node:fs'
import { processStartTime } from './end-process.ts'
import { library } from './koffi.ts'
import { syscall } from './libc.ts'
import { pidfdOpen } from './process.ts'

const EFD_CLOEXEC = 0o2000000
const POLLIN = 1
const ENTRY = 8

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

/** What is waited for, by pidfd. All of it in one poll(2): of libuv's few threads one is enough, however many processes are watched. */
const watched = new Map<number, () => void>()
/** Ends that wait when something is to be added or taken away. */
let wake: number | undefined

export interface ProcessWatch {
  /** No call comes after this. */
  close(): void
}

/** Calls `ended` once when the process that has this pid and start time has ended, at the next turn of the loop if it has already. */
export const watchProcess = (pid: number, startTime: string, ended: () => void): ProcessWatch => {
  const pidfd = pidfdOpen(pid)
  if (pidfd === undefined || processStartTime(pid) !== startTime) {
    if (pidfd !== undefined) closeSync(pidfd)
    const timer = setImmediate(ended)
    return { close: () => clearImmediate(timer) }
  }
  watched.set(pidfd, ended)
  if (wake === undefined) waitForAll()
  else endWait()
  return { close: () => forget(pidfd) }
}

/** The wait may have it yet: it is closed when that is over, or its number could be another's. */
const forget = (pidfd: number): void => {
  if (!watched.delete(pidfd)) return
  closing.push(pidfd)
  endWait()
}

const closing: number[] = []

const endWait = (): void => {
  if (wake === undefined) return
  const one = Buffer.alloc(8)
  one[0] = 1
  writeSync(wake, one)
}

/** Node joins its threads when it exits. */
const endForGood = (): void => {
  watched.clear()
  endWait()
}

const waitForAll = (): void => {
  if (wake === undefined) {
    wake = eventfd(undefined, 0, EFD_CLOEXEC)
    process.on('exit', endForGood)
  }
  const fds = [wake, ...watched.keys()]
  const entries = Buffer.alloc(ENTRY * fds.length)
  for (const [index, fd] of fds.entries()) {
    entries.writeInt32LE(fd, index * ENTRY)
    entries.writeInt16LE(POLLIN, index * ENTRY + 4)
  }
  poll ??= library().func('poll', 'int', ['void *', 'size_t', 'int']) as unknown as AsyncPoll
  // The kernel writes into the entries when the wait ends: the callback keeps them until then.
  poll.async(entries, fds.length, -1, () => waited(fds, entries))
}

const waited = (fds: readonly number[], entries: Buffer): void => {
  const isReady = (index: number): boolean => entries.readInt16LE(index * ENTRY + 6) !== 0
  if (wake !== undefined && isReady(0)) readSync(wake, Buffer.alloc(8))
  const ended = fds.flatMap((fd, index) => {
    const tell = index > 0 && isReady(index) ? watched.get(fd) : undefined
    if (tell === undefined) return []
    watched.delete(fd)
    closing.push(fd)
    return [tell]
  })
  for (const fd of closing.splice(0)) closeSync(fd)
  if (watched.size > 0) waitForAll()
  else if (wake !== undefined) {
    closeSync(wake)
    wake = undefined
    process.off('exit', endForGood)
  }
  for (const tell of ended) tell()
}
