import type { ChildProcess } from 'node:child_process'
import { Running } from './running.ts'

/** A program on a terminal of its own; `stdout` is the screen's byte stream, errors included. */
export class Terminal extends Running {
  readonly #control: NodeJS.WritableStream

  constructor(
    child: ChildProcess,
    argv: readonly string[],
    kill: (pid: number, signal: NodeJS.Signals, group: boolean) => void,
  ) {
    super(child, argv, kill)
    const control = child.stdio[4]
    if (!control || !('write' in control)) throw new Error('no control channel')
    // The terminal may be gone when it is resized.
    control.on('error', () => {})
    this.#control = control
  }

  /** Changes the window's size; the foreground job gets SIGWINCH. */
  resize(rows: number, columns: number): void {
    this.#control.write(`${rows} ${columns}\n`)
  }
}
