import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compiled } from './compiled.ts'
import { patience } from './patience.ts'
import { SEARCH_PATH } from './requirements.ts'
import { Running } from './running.ts'
import { Terminal } from './terminal.ts'

export interface SpawnOptions {
  /** Added to the world's own clean environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A directory of the world; `/root` by default. */
  readonly cwd?: string
}

export interface RunOptions extends SpawnOptions {
  /** Standard input; without it there is none (an immediate end of file). */
  readonly input?: string | Uint8Array
  /** In ms, after which the program's process group is killed and the call rejects; 30 s by default. Scaled by `patience`. */
  readonly timeout?: number
}

export interface RunResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** What the two places of a world, host and internet, are made of. */
export interface PlaceContext {
  /** Pid of the place's first process, as the test sees it. */
  readonly init: number
  /** Flags of setns(2). */
  readonly namespaces: number
  /** Files that make a process one of the world's cgroups. */
  readonly procs: readonly string[]
  /** A directory of the machine that the world sees as `/run/world`. */
  readonly share: string
  readonly env: Readonly<Record<string, string>>
}

/** Where programs run: the host or the internet of a world. */
export class Place {
  readonly #context: PlaceContext
  readonly #open = new Set<Running>()

  constructor(context: PlaceContext) {
    this.#context = context
  }

  /** Runs a program to its end; a non-zero exit is a result, not an error. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const running = this.spawn(argv, options)
    if (options.input !== undefined) running.write(options.input)
    running.closeInput()
    const timeout = patience(options.timeout ?? 30_000)
    let late = false
    const timer = setTimeout(() => {
      late = true
      void running.kill('SIGKILL', { group: true })
    }, timeout)
    const exit = await running.exit
    clearTimeout(timer)
    const result = { ...exit, stdout: running.stdout, stderr: running.stderr }
    if (late) throw new Error(`\`${argv.join(' ')}\` took longer than ${timeout} ms\n${result.stdout}${result.stderr}`)
    return result
  }

  /** Runs a shell script with `sh -euc` and answers its standard output; a failure is an error with all that was said. */
  async sh(script: string, options: RunOptions = {}): Promise<string> {
    const { code, signal, stdout, stderr } = await this.run(['sh', '-euc', script], options)
    if (code !== 0) throw new Error(`\`${script}\` ended with ${signal ?? code}\n${stdout}${stderr}`)
    return stdout
  }

  /** Starts a program and leaves it running, until it is killed or the world ends. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): Running {
    const child = this.#start(argv, options, ['pipe', 'pipe', 'pipe', 'pipe'])
    return this.#keep(new Running(child, argv, this.#kill))
  }

  /** Starts a program on a new terminal of 24 x 80, or as told. */
  pty(argv: readonly string[], options: SpawnOptions & { rows?: number; columns?: number } = {}): Terminal {
    const { rows = 24, columns = 80 } = options
    const driver = this.#terminalDriver()
    const full = [driver, String(rows), String(columns), ...argv]
    const child = this.#start(full, options, ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'])
    return this.#keep(new Terminal(child, argv, this.#kill))
  }

  async read(path: string): Promise<string> {
    return await this.sh('cat -- "$FILE"', { env: { FILE: path } })
  }

  /** Writes a file, with its parents, through the place's own eyes: links mean what they mean there. */
  async write(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const script = 'mkdir -p -- "$PARENT"; cat >"$FILE"; chmod "$MODE" -- "$FILE"'
    const env = { PARENT: dirname(path), FILE: path, MODE: mode.toString(8) }
    await this.sh(script, { env, input: content })
  }

  /** Waits until everything that was started here has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#open].map((running) => running.exit))
  }

  #keep<R extends Running>(running: R): R {
    this.#open.add(running)
    void running.exit.then(() => this.#open.delete(running))
    return running
  }

  #start(argv: readonly string[], options: SpawnOptions, stdio: 'pipe'[]): ChildProcess {
    const { init, namespaces, procs } = this.#context
    const enter = [String(init), String(namespaces), procs.join(' '), options.cwd ?? '/root']
    const env: Record<string, string | undefined> = { ...this.#context.env, ...options.env }
    return spawn(compiled('enter'), [...enter, ...argv], { stdio, env })
  }

  // By the pid that the place itself uses, from inside it: a pid of the machine could by then belong to somebody else.
  readonly #kill = (pid: number, signal: NodeJS.Signals, group: boolean): void => {
    const { init, namespaces } = this.#context
    const target = String(group ? -pid : pid)
    const kill = ['sh', '-c', 'kill -s "$1" -- "$2"', 'kill', signal.slice(3), target]
    const { status, stderr } = spawnSync(compiled('enter'), [String(init), String(namespaces), '', '/', ...kill], {
      encoding: 'utf8',
      env: { PATH: SEARCH_PATH },
      stdio: ['ignore', 'ignore', 'pipe', 'ignore'],
    })
    // It may have ended just now.
    if (status !== 0 && !/No such process/.test(stderr))
      throw new Error(`cannot send ${signal} to ${target}: ${stderr}`)
  }

  #terminalDriver(): string {
    const target = join(this.#context.share, 'pty')
    if (!existsSync(target)) copyFileSync(compiled('pty'), target)
    return '/run/world/pty'
  }
}
