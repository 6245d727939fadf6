import { writeSync } from 'node:fs'

/**
 * Written straight to the descriptor: `process.stdout` would make pipes and terminals non-blocking, and that would stick to the
 * descriptor when the container gets it. A reader that has gone ends the output, as it does for any program.
 */
export const write = (fd: number, text: string | Buffer): void => {
  let rest = typeof text === 'string' ? Buffer.from(text) : text
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0)
      // Somebody else's O_NONBLOCK on a shared descriptor: the reader is slow, not gone.
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

export const print = (line: string): void => write(1, `${line}\n`)
/** Lines with names that need not be text. */
export const printBytes = (bytes: Buffer): void => write(1, bytes)
export const complain = (line: string): void => write(2, `${line}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** Columns as wide as their widest cell, three spaces apart, as Docker prints them. */
export const printTable = (header: readonly string[], rows: readonly (readonly string[])[]): void => {
  const lines = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  // In one write: a hundred lines are a hundred system calls otherwise.
  print(
    lines
      .map((line) =>
        line
          .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3)))
          .join(''),
      )
      .join('\n'),
  )
}
