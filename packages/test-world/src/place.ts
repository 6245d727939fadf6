import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
  /** As nsenter(1) takes them. */
  readonly namespaces: readonly string[]
  /** Files that make a process one of the world's cgroups. */
  readonly procs: readonly string[]
  /** A directory of the machine that the world sees as `/run/world`. */
  readonly share: string
  readonly env: Readonly<Record<string, string>>
}

/** Joins the world's cgroups while it still sees them all, then its namespaces. */
const OUTSIDE = 'cgroups=$1; shift; for file in $cgroups; do echo $$ >"$file" || exit 125; done; exec "$@"'

/** In a session of its own, so that it can be killed with its children; says its pid on descriptor 3. */
const INSIDE = 'echo $$ >&3; exec 3>&-; cd "$1" || exit 125; shift; exec "$@"'

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
    const enter = ['nsenter', '--target', String(init), ...namespaces, '--root', '--']
    const inside = ['setsid', 'sh', '-c', INSIDE, 'world', options.cwd ?? '/root', ...argv]
    const env: Record<string, string | undefined> = { ...this.#context.env, ...options.env }
    return spawn('sh', ['-c', OUTSIDE, 'world', procs.join(' '), ...enter, ...inside], { stdio, env })
  }

  // By the pid that the place itself uses, from inside it: a pid of the machine could by then belong to somebody else.
  readonly #kill = (pid: number, signal: NodeJS.Signals, group: boolean): void => {
    const { init, namespaces } = this.#context
    const script = 'kill -s "$1" -- "$2"'
    const target = String(group ? -pid : pid)
    const argv = [
      '--target',
      String(init),
      ...namespaces,
      '--root',
      '--',
      'sh',
      '-c',
      script,
      'kill',
      signal.slice(3),
      target,
    ]
    const { status, stderr } = spawnSync('nsenter', argv, { encoding: 'utf8', env: { PATH: SEARCH_PATH } })
    // It may have ended just now.
    if (status !== 0 && !/No such process/.test(stderr))
      throw new Error(`cannot send ${signal} to ${target}: ${stderr}`)
  }

  /** Compiled at its first use; /run/world/pty afterwards. */
  #terminalDriver(): string {
    const target = join(this.#context.share, 'pty')
    if (!existsSync(target)) {
      const source = join(import.meta.dirname, '../scripts/pty.c')
      execFileSync('cc', ['-Wall', '-Werror', '-O1', '-o', `${target}.new`, source], { env: { PATH: SEARCH_PATH } })
      renameSync(`${target}.new`, target)
    }
    return '/run/world/pty'
  }
}
