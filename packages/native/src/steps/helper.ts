import { closeSync, ftruncateSync, readFileSync, readSync } from 'node:fs'
import { type HostStep, RtError } from '@rt/driver-api'
import { waitReadable } from '../sys/index.ts'
import { syscall } from '../sys/libc.ts'
import { type Lifeline, pipe } from '../sys/lifeline.ts'
import { findProgram, searchPath } from '../sys/program.ts'
import { lastLine, missing } from './exec.ts'

/** How long a helper may take until it is ready, in milliseconds. */
const READY_MS = 30_000
/** How much of what it says is kept, in bytes: it may live for years. */
const WORDS = 64 * 1024

/**
 * Starts a program that lives as long as the container, and waits until it is ready.
 *
 * @throws RtError RT_TOOL_MISSING, RT_STEP_FAILED with the last line that it wrote to stderr
 */
export const startHelper = (
  { argv }: HostStep & { readonly op: 'helper.start' },
  netns: { readonly fd: number },
  lifeline: Lifeline,
): void => {
  const [program, ...rest] = argv
  if (findProgram(program) === undefined) throw missing(program)
  const words = boundedFile()
  const [reader, writer] = pipe()
  try {
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', 'ignore', words, netns.fd, lifeline.reader(), writer],
      env: { PATH: searchPath(), LC_ALL: 'C' },
    })
    closeSync(writer)
    child.unref()
    // Told below, because this comes only when there is time for events: a program that could not be executed never gets ready.
    child.on('error', () => undefined)
    if (waitReadable([reader], READY_MS).size === 0) {
      child.kill('SIGKILL')
      throw new RtError('RT_STEP_FAILED', `${program} was not ready after ${READY_MS / 1000} seconds.`)
    }
    if (readSync(reader, Buffer.alloc(1)) === 1) return
    const said = lastLine(readFileSync(`/proc/self/fd/${words}`, 'utf8').replaceAll('\0', ''))
    throw new RtError('RT_STEP_FAILED', `${argv.join(' ')} ended before it was ready${said === '' ? '.' : `: ${said}`}`)
  } finally {
    closeSync(reader)
    closeSync(words)
  }
}

// Pure, as in lifeline.ts.
const memfdCreate = /* @__PURE__ */ syscall('memfd_create', ['str', 'uint'])
const fcntlInt = /* @__PURE__ */ syscall('fcntl', ['int', 'int', 'int'])
const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1033
const F_SEAL_SHRINK = 2
const F_SEAL_GROW = 4

/** In memory, and of a size that writing cannot change: what is written beyond is refused, which no program dies of. */
const boundedFile = (): number => {
  const fd = memfdCreate('helper', 'helper', MFD_CLOEXEC | MFD_ALLOW_SEALING)
  ftruncateSync(fd, WORDS)
  fcntlInt(undefined, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)
  return fd
}
