import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const BLOCK = 256 * 1024
const NEWLINE = 10

/** A file that others append lines to, and may rename: it stays the same file here, known by its inode. */
export class LineFile {
  readonly fd: number
  readonly inode: bigint
  #at = 0
  #rest: Buffer[] = []

  private constructor(fd: number) {
    this.fd = fd
    this.inode = fstatSync(fd, { bigint: true }).ino
  }

  /** undefined: there is no such file. */
  static open(path: string): LineFile | undefined {
    try {
      return new LineFile(openSync(path, 'r'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Nanoseconds since the epoch. */
  get modified(): bigint {
    return fstatSync(this.fd, { bigint: true }).mtimeNs
  }

  /** Goes on reading at this byte, the first of a line. */
  seek(at: number): void {
    this.#at = at
    this.#rest = []
  }

  /** Goes on at what is its end now; whoever writes it writes whole lines. */
  skipAll(): void {
    this.seek(fstatSync(this.fd).size)
  }

  /** The complete lines of the next block, which may be none; undefined: there is nothing more yet. An unfinished line waits for its end. */
  read(): string[] | undefined {
    const block = Buffer.allocUnsafe(BLOCK)
    const size = readSync(this.fd, block, 0, BLOCK, this.#at)
    if (size === 0) return undefined
    this.#at += size
    const end = block.lastIndexOf(NEWLINE, size - 1) + 1
    if (end === 0) {
      this.#rest.push(block.subarray(0, size))
      return []
    }
    const text = Buffer.concat([...this.#rest, block.subarray(0, end)]).toString('utf8')
    this.#rest = end < size ? [block.subarray(end, size)] : []
    return text.slice(0, -1).split('\n')
  }

  /** From the last complete line back to the first, each with the byte it begins at, without reading more than is asked for. */
  *backward(): Generator<{ readonly at: number; readonly line: string }> {
    // What has been read and belongs to lines whose beginning is still to come, last piece first.
    let tail: Buffer[] = []
    let complete = false
    for (let end = fstatSync(this.fd).size; end > 0; ) {
      const size = Math.min(BLOCK, end)
      const block = Buffer.allocUnsafe(size)
      readFully(this.fd, block, end - size)
      end -= size
      let stop = size
      for (let newline = block.lastIndexOf(NEWLINE); newline >= 0; ) {
        if (complete) {
          const line = Buffer.concat([block.subarray(newline + 1, stop), ...tail])
          yield { at: end + newline + 1, line: line.toString('utf8') }
        }
        complete = true
        tail = []
        stop = newline
        newline = newline === 0 ? -1 : block.lastIndexOf(NEWLINE, newline - 1)
      }
      if (complete) tail = [block.subarray(0, stop), ...tail]
    }
    if (complete) yield { at: 0, line: Buffer.concat(tail).toString('utf8') }
  }

  close(): void {
    closeSync(this.fd)
  }
}

/** The file never shrinks, so that what was its size can be read. */
const readFully = (fd: number, into: Buffer, from: number): void => {
  for (let done = 0; done < into.length; ) {
    const size = readSync(fd, into, done, into.length - done, from + done)
    if (size === 0) throw new Error('a log file was cut off while it was read')
    done += size
  }
}
