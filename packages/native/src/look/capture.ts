import type { Command } from '../sys/children.ts'

export interface CapturedRun {
  /** 128+n where a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** It wrote more than was kept of one of its streams. */
  readonly truncated: boolean
  /** Milliseconds since the epoch, to the microsecond. */
  readonly begun: number
  readonly ended: number
}

/** Bytes that are kept of each stream. */
const KEPT = 256 * 1024

/**
 * Runs a program to its end with no input, in a session of its own: the terminal's ^C is the caller's affair, who ends it by `signal`.
 *
 * @throws what the operating system says when it cannot be started; the signal's reason once it has ended after an abort
 */
export const runCaptured = ([program, ...args]: Command, signal: AbortSignal): Promise<CapturedRun> => {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { constants } = process.getBuiltinModule('node:os')
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const begun = now()
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const streams = [child.stdout, child.stderr].map((stream) => {
      const kept = { chunks: [] as Buffer[], bytes: 0 }
      stream.on('data', (chunk: Buffer) => {
        if (kept.bytes < KEPT) kept.chunks.push(chunk.subarray(0, KEPT - kept.bytes))
        kept.bytes += chunk.length
      })
      return kept
    })
    // Nothing milder: a client passes every other signal on to the container, which may ignore it.
    const end = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', end, { once: true })
    let ended = 0
    child.on('error', reject)
    child.on('exit', () => {
      ended = now()
      // Whoever it has started may hold its streams open.
      if (signal.aborted) reject(signal.reason)
    })
    child.on('close', (code, signalled) => {
      signal.removeEventListener('abort', end)
      const [stdout = '', stderr = ''] = streams.map(({ chunks }) => Buffer.concat(chunks).toString())
      resolve({
        code: code ?? 128 + (signalled ? constants.signals[signalled] : 0),
        stdout,
        stderr,
        truncated: streams.some(({ bytes }) => bytes > KEPT),
        begun,
        ended,
      })
    })
  })
}

const now = (): number => performance.timeOrigin + performance.now()
