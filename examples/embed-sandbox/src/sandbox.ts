import type { Readable } from 'node:stream'
import type { Runtime } from '@rt/runtime'

export interface Limits {
  /** Milliseconds from the moment that it runs. */
  readonly time: number
  readonly memory: string
  /** Bytes of each stream that are kept. */
  readonly output: number
}

export interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  /** Why it did not come to its own end. */
  readonly ended?: 'time' | 'memory'
}

const DEFAULTS: Limits = { time: 2000, memory: '32m', output: 10_000 }

/** Runs a shell script that nobody vouches for. */
export const runCode = async (rt: Runtime, code: string, limits: Partial<Limits> = {}): Promise<Result> => {
  const { time, memory, output } = { ...DEFAULTS, ...limits }
  await using container = await rt.run({
    image: 'busybox',
    command: ['sh'],
    stdin: 'pipe',
    network: 'none',
    user: '65534:65534',
    workdir: '/tmp',
    readOnly: true,
    tmpfs: ['/tmp:size=8m'],
    capDrop: ['ALL'],
    noNewPrivileges: true,
    limits: { memory, memorySwap: memory, cpus: 0.5, pids: 32 },
    log: { driver: 'none' },
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    container.stop({ timeout: 0 })
  }, time)
  try {
    container.stdin?.end(code)
    const [stdout, stderr, { exitCode, oomKilled }] = await Promise.all([
      beginning(container.stdout, output),
      beginning(container.stderr, output),
      container.wait(),
    ])
    const ended = oomKilled ? 'memory' : late ? 'time' : undefined
    return { stdout, stderr, exitCode, ...(ended && { ended }) }
  } finally {
    clearTimeout(timer)
  }
}

/** Reads to the end, so that nobody has to wait, and keeps the beginning. */
const beginning = async (stream: Readable | null, most: number): Promise<string> => {
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of stream ?? []) {
    if (size < most) kept.push(chunk.subarray(0, most - size))
    size += chunk.length
  }
  return Buffer.concat(kept).toString()
}
