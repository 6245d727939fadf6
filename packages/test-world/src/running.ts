import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { patience } from './patience.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs in a world. */
export class Running {
  /** Its pid as the world sees it. */
  readonly pid: Promise<number>
  readonly exit: Promise<Exit>
  readonly argv: readonly string[]
  readonly #child: ChildProcess
  readonly #kill: (pid: number, signal: NodeJS.Signals, group: boolean) => void
  #stdout = ''
  #stderr = ''
  #read = 0
  #ended = false

  constructor(
    child: ChildProcess,
    argv: readonly string[],
    kill: (pid: number, signal: NodeJS.Signals, group: boolean) => void,
  ) {
    this.#child = child
    this.argv = argv
    this.#kill = kill
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    // A program may end without having read all of its input, as with a real pipe.
    child.stdin?.on('error', () => {})
    // On `close`, not `exit`: only then all output has come.
    this.exit = once(child, 'close').then(([code, signal]) => {
      this.#ended = true
      return { code, signal }
    })
    this.pid = this.#readPid()
    this.pid.catch(() => {})
  }

  #readPid(): Promise<number> {
    const report = this.#child.stdio[3]
    if (!report) throw new Error('no pid channel')
    return new Promise((resolve, reject) => {
      let text = ''
      report.on('data', (part: Buffer) => {
        text += part.toString()
        if (text.endsWith('\n')) resolve(Number(text))
      })
      // Too late to matter when the pid came first.
      this.exit.then(
        () => reject(new Error(`\`${this.argv.join(' ')}\` did not start: ${this.#stderr}`)),
        (error: unknown) => reject(error),
      )
    })
  }

  /** All of it so far. */
  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get ended(): boolean {
    return this.#ended
  }

  write(text: string | Uint8Array): void {
    this.#child.stdin?.write(text)
  }

  closeInput(): void {
    this.#child.stdin?.end()
  }

  /** Sends a signal to the program, or with `group` to all of its process group. */
  async kill(signal: NodeJS.Signals = 'SIGKILL', { group = false } = {}): Promise<void> {
    const pid = await this.pid
    if (!this.#ended) this.#kill(pid, signal, group)
  }

  /**
   * Waits until standard output, from where the last wait matched, matches `pattern`; later waits go on behind the match.
   * Rejects when the program ends first, or after `timeout` ms, with what has come instead.
   */
  waitFor(pattern: RegExp, { timeout = 15_000 } = {}): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer)
        this.#child.stdout?.off('data', look)
        this.#child.off('close', gone)
        act()
      }
      const fail = (why: string): void => {
        const rest = JSON.stringify(this.#stdout.slice(this.#read))
        const errors = this.#stderr && `, stderr ${JSON.stringify(this.#stderr)}`
        finish(() =>
          reject(new Error(`\`${this.argv.join(' ')}\` ${why}: waited for ${pattern}, got ${rest}${errors}`)),
        )
      }
      const look = (): boolean => {
        const match = pattern.exec(this.#stdout.slice(this.#read))
        if (!match) return false
        this.#read += match.index + match[0].length
        finish(() => resolve(match))
        return true
      }
      const gone = (): void => {
        if (!look()) fail('ended')
      }
      const timer = setTimeout(() => fail(`said nothing of it in ${patience(timeout)} ms`), patience(timeout))
      if (look()) return
      if (this.#ended) return fail('ended')
      this.#child.stdout?.on('data', look)
      this.#child.on('close', gone)
    })
  }
}
