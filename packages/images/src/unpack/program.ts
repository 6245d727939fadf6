import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'
import { corrupt, shown } from '../tar/errors.ts'
import { programMissing } from './decompress.ts'

type Pieces = AsyncIterable<Buffer>

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Bytes of the program's own words that an error says. */
const WORDS = 200

/**
 * A stage of a pipeline that has the program `tool` (xz, bzip2) decompress what goes through, as Docker does. It has ended when the stage has, however
 * that ends. Errors: RT_ARCHIVE_CORRUPT where there is no such program or it finds the data damaged, RT_STEP_FAILED where it was killed; what the source throws.
 */
export const throughProgram = (tool: string, signal: AbortSignal | undefined) =>
  async function* (pieces: Pieces): AsyncGenerator<Buffer> {
    const { spawn } = process.getBuiltinModule('node:child_process')
    // In a session of its own: the terminal's ^C is rt's affair.
    const child = spawn(tool, ['-dc'], { env: { ...process.env, LC_ALL: 'C' }, stdio: 'pipe', detached: true })
    const end = (): void => void child.kill('SIGKILL')
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? programMissing(tool, error) : error
    }
    const closed = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    signal?.addEventListener('abort', end, { once: true })
    const words = firstWords(child.stderr)
    const source = feed(pieces, child.stdin, end)
    try {
      yield* child.stdout
      const { code, signal: killer } = await closed
      if (source.failed !== undefined) throw source.failed.error
      if (killer !== null) throw killed(tool, killer)
      if (code !== 0) throw damaged(tool, words.text)
    } finally {
      signal?.removeEventListener('abort', end)
      end()
      await closed
    }
  }

/** Gives `pieces` to a program until it wants no more; ends it where they cannot be read. */
const feed = (pieces: Pieces, stdin: Writable, end: () => void): { failed?: { readonly error: unknown } } => {
  const source: { failed?: { readonly error: unknown } } = {}
  const watched = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* pieces
    } catch (error) {
      source.failed = { error }
      end()
      throw error
    }
  }
  // The source's error is kept above; that the program has gone shows in its exit code, EPIPE says no more.
  pipeline(watched, stdin).catch(() => {})
  return source
}

const firstWords = (stderr: Readable): { text: string } => {
  const words = { text: '' }
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words.text = (words.text + text).slice(0, WORDS)
  })
  return words
}

const killed = (tool: string, signal: string): Error =>
  new RtError('RT_STEP_FAILED', `${tool} was ended by ${signal} while it decompressed the archive.`, {
    remedy: 'Try it again; see `dmesg` for whether the memory was too little for it.',
  })

const damaged = (tool: string, words: string): Error => {
  const line = words.trim().split('\n', 1)[0] ?? ''
  const said = line === '' ? '' : ` (${shown(Buffer.from(line).toString('latin1'))})`
  return corrupt(`The archive is damaged: ${tool} cannot decompress it${said}.`)
}
