import { createInterface } from 'node:readline'

export interface Ended {
  /** 128+n where a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Descriptor 3 of the program. */
  readonly fd3?: number
  readonly input?: string
  /** Milliseconds, after which it is killed with all that it has started. */
  readonly timeout?: number
  /** It gets SIGTERM instead, alone: what it has started is its own affair. */
  readonly endsByItself?: boolean
  /** Is given each line of its standard output as it comes. */
  readonly onLine?: (line: string) => void
}

/** Runs a program to its end; whatever that is, it is an answer. @throws what the operating system says when it cannot be started */
export const program = (
  [file, ...args]: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Promise<Ended> => {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { constants } = process.getBuiltinModule('node:os')
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe', options.fd3 ?? 'ignore'],
      env: { ...process.env, ...options.env },
      detached: true,
    })
    let [stdout, stderr] = ['', '']
    const timer = setTimeout(() => {
      if (options.endsByItself) child.kill('SIGTERM')
      else if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, options.timeout ?? 120_000)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    if (options.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', options.onLine)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    // It may end without having read all of it.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), stdout, stderr })
    })
  })
}
