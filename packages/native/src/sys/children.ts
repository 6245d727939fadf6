import { shimPath } from './shim-path.ts'

export type Command = readonly [string, ...string[]]

/** Is given what a program has written, by the descriptor that it was written to. */
export type Hear = (fd: 1 | 2, bytes: Buffer) => void

/**
 * Runs programs with this one's own standard input, at most `atOnce` at a time, begun in order. What they write is heard in their order, too,
 * whichever is done first.
 *
 * @returns the exit status of each, 128+n where a signal ended it
 * @throws what the operating system says when one cannot be started
 */
export const runAll = async (commands: readonly Command[], atOnce: number, hear: Hear): Promise<number[]> => {
  const results: number[] = []
  const written = commands.map((): [1 | 2, Buffer][] => [])
  let next = 0
  let heard = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < commands.length; index = next++) {
      const command = commands[index]
      if (command === undefined) continue
      results[index] = await run(command, (fd, bytes) => written[index]?.push([fd, bytes]))
      for (; results[heard] !== undefined; heard++) for (const [fd, bytes] of written[heard] ?? []) hear(fd, bytes)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, commands.length) }, work))
  return results
}

const run = ([program, ...args]: Command, hear: Hear): Promise<number> => {
  // Loaded here, because few commands start a child process.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { constants } = process.getBuiltinModule('node:os')
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'pipe'] })
    child.stdout.on('data', (bytes: Buffer) => hear(1, bytes))
    child.stderr.on('data', (bytes: Buffer) => hear(2, bytes))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

/** A program that came to its end. */
export interface Ended {
  /** 128+n where a signal ended it. */
  readonly status: number
  /** The last of what it said; only where it was `quiet`. */
  readonly said: string
}

const MOST_SAID = 1 << 16

/**
 * Runs a program that has this one's standard input and says everything on this one's standard error; `quiet`: says it nowhere. It has a pid and
 * a mount namespace of its own, so that kill -9 of this process leaves nothing of it running, and nothing mounted.
 *
 * @throws what the operating system says when it cannot be started
 */
export const runTool = (
  command: Command,
  { env, quiet = false }: { readonly env: NodeJS.ProcessEnv; readonly quiet?: boolean },
): Promise<Ended> => {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { constants } = process.getBuiltinModule('node:os')
  return new Promise((resolve, reject) => {
    const output = quiet ? 'pipe' : 2
    const child = spawn(shimPath(), ['tool', String(process.pid), ...command], {
      env,
      stdio: ['inherit', output, output],
    })
    let said = Buffer.alloc(0)
    const listen = (piece: Buffer): void => {
      said = Buffer.concat([said, piece]).subarray(-MOST_SAID)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), said: said.toString('utf8') }),
    )
  })
}
