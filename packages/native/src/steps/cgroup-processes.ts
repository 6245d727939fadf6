import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import type { CgroupOperation } from '@rt/driver-api'
import { monotonic } from '../sys/clock.ts'
import { errorCode } from '../sys/errno.ts'
import { waitForPriority } from '../sys/poll.ts'
import { writeCgroup } from './cgroup.ts'

type Freeze = Extract<CgroupOperation, { op: 'cgroup.freeze' }>

/** More than any tree of processes is deep: only what forks faster than it can be moved gets here. */
const PASSES = 1000
const PATIENCE_MS = 10_000

/** The pids, as this process sees them, of a cgroup. */
export const cgroupProcesses = (path: string): number[] =>
  readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)

/** Again and again, because what is forked meanwhile is in no list that was read before. Answers whether there was anything to end. */
export const killCgroup = (path: string): boolean => {
  const deadline = monotonic() + PATIENCE_MS
  for (let pass = 0; ; pass++) {
    const living = processesIn(path).filter(endProcess)
    if (living.length === 0) return pass > 0
    if (monotonic() > deadline) throw new Error(`the processes of ${path} multiply faster than they can be ended`)
    // Who was killed leaves the group a moment later, and v1 has no event for that.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }
}

/** Those that this process can see: others are a 0, and 1 is no container's. */
const processesIn = (path: string): number[] => {
  try {
    return cgroupProcesses(path).filter((pid) => pid > 1 && pid !== process.pid)
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENODEV') return []
    throw error
  }
}

/** false: it has gone already. */
const endProcess = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
    throw error
  }
}

/**
 * A child is born into its parent's cgroups, so once a pass over all processes finds none to move, no later child can be outside either:
 * fork(2) and moving exclude each other in the kernel (cgroup_threadgroup_rwsem).
 */
export const gather = (path: string, from: string): void => {
  for (let pass = 0; pass < PASSES; pass++) {
    const all = cgroupProcesses(from)
    const there = new Set(cgroupProcesses(path))
    const missing = all.filter((pid) => !there.has(pid))
    if (missing.length === 0) return
    for (const pid of missing) move(path, pid)
  }
  throw new Error(`the processes of ${from} multiply faster than they can be moved`)
}

const move = (path: string, pid: number): void => {
  try {
    writeFileSync(`${path}/cgroup.procs`, String(pid), { flag: 'r+' })
  } catch (error) {
    // It has ended meanwhile.
    if (errorCode(error) !== 'ESRCH') throw error
  }
}

const put = (file: string, value: string): void => writeCgroup(file, (write) => write(value))

/** Errors: those of the files, and an Error (thawed again) where a process does not stand still within ten seconds. */
export const freeze = (step: Freeze): void => {
  if (step.version === 2) freezeV2(step)
  else freezeV1(step)
}

const freezeV2 = ({ path, frozen }: Freeze): void => {
  put(`${path}/cgroup.freeze`, frozen ? '1' : '0')
  if (!frozen) return
  const events = openSync(`${path}/cgroup.events`, 'r')
  try {
    const deadline = monotonic() + PATIENCE_MS
    // The kernel notifies of a change since the last read through the same descriptor.
    while (!/^frozen 1$/m.test(contentOf(events))) {
      const left = deadline - monotonic()
      if (left <= 0) {
        put(`${path}/cgroup.freeze`, '0')
        throw new Error('a process did not stop within 10 s')
      }
      waitForPriority(events, left)
    }
  } finally {
    closeSync(events)
  }
}

const contentOf = (fd: number): string => {
  const buffer = Buffer.alloc(4096)
  return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
}

/**
 * v1 has no event for FREEZING becoming FROZEN: the state is computed when it is read. The kernel's document (freezer-subsystem) also says
 * that a write of FROZEN may fail for the moment and is to be repeated.
 */
const freezeV1 = ({ path, frozen }: Freeze): void => {
  const file = `${path}/freezer.state`
  const deadline = monotonic() + PATIENCE_MS
  for (;;) {
    try {
      put(file, frozen ? 'FROZEN' : 'THAWED')
    } catch (error) {
      if (errorCode(error) !== 'EBUSY') throw error
    }
    const state = readFileSync(file, 'latin1').trim()
    if (state === (frozen ? 'FROZEN' : 'THAWED')) return
    if (monotonic() > deadline) {
      if (frozen) put(file, 'THAWED')
      throw new Error(`the cgroup is still ${state} after 10 s`)
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }
}
