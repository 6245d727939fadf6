import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lock } from '@rt/native'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Layout } from '../src/layout.ts'
import type { LogEntry } from '../src/look/logs/entry.ts'
import { followLog, readLog } from '../src/look/logs/follow.ts'
import type { LogRange } from '../src/look/logs/reader.ts'

const id = 'c'.repeat(64)
let root: string
let layout: Layout
let path: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rt-logs-'))
  layout = new Layout(`${root}/lib`, `${root}/run`)
  mkdirSync(layout.container(id), { recursive: true })
  mkdirSync(layout.run(id), { recursive: true })
  path = layout.log(id)
})
afterEach(() => rmSync(root, { recursive: true }))

const line = (log: string, second = 0, stream = 'stdout'): string =>
  `${JSON.stringify({ log, stream, time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.5Z` })}\n`

const read = (range: LogRange = {}): string => {
  let text = ''
  for (const entries of readLog(path, range)) for (const { log } of entries) text += log
  return text
}

const follow = async (range: LogRange, show: (entries: readonly LogEntry[]) => void): Promise<void> => {
  for await (const entries of followLog(layout, id, range)) show(entries)
}

/** By this process, from files of any kind. */
const bytesRead = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])

/** As the monitor does it: everything is written, then the run directory goes and the lock with it. */
const live = (): (() => void) => {
  const held = lock(layout.lock(id))
  return () => {
    rmSync(layout.run(id), { recursive: true })
    held.release()
  }
}

const runWriter = async (...numbers: number[]): Promise<void> => {
  const writer = join(import.meta.dirname, 'log-writer.mjs')
  const child = spawn(process.execPath, [writer, path, ...numbers.map(String)], { stdio: 'inherit' })
  expect(await once(child, 'exit')).toEqual([0, null])
}

/** Every line once, in the order of its stream. */
const expectAll = (entries: readonly LogEntry[], lines: number): void => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = entries.filter((entry) => entry.stream === stream).map(({ log }) => log)
    const found = text.join('').split('\n').slice(0, -1)
    const expected = stream === 'stderr' ? Math.floor(lines / 3) : lines - Math.floor(lines / 3)
    const wrong = found.findIndex((line, index) => !new RegExp(`^${stream} ${index + 1}( x+end)?$`).test(line))
    expect({ wrong: wrong < 0 ? '' : `line ${wrong + 1}: ${found[wrong]?.slice(0, 40)}`, count: found.length }).toEqual(
      { wrong: '', count: expected },
    )
  }
}

describe('a log', () => {
  it('is read over all rotated files, oldest first', () => {
    writeFileSync(path, line('5\n'))
    for (const n of [1, 2, 10]) writeFileSync(`${path}.${n}`, line(`old ${n}\n`))
    // Beyond two missing numbers nothing belongs to it.
    expect(read()).toBe('old 2\nold 1\n5\n')
  })

  it('may be missing, and may end in half a line', () => {
    expect(read()).toBe('')
    writeFileSync(path, `${line('whole\n')}{"log":"ha`)
    expect(read()).toBe('whole\n')
  })

  it('skips a line that a crash cut off in the middle', () => {
    writeFileSync(path, `${line('a\n')}{"log":"ha\n${line('b\n')}`)
    expect(read()).toBe('a\nb\n')
  })

  it('joins the parts of a long line as they are', () => {
    writeFileSync(path, line('x'.repeat(16384)) + line('y\n'))
    expect(read()).toBe(`${'x'.repeat(16384)}y\n`)
  })

  it.each([
    [0, ''],
    [1, '6\n'],
    [2, `${'long'.repeat(5000)}\n6\n`],
    [3, `4\n${'long'.repeat(5000)}\n6\n`],
    [5, `2\n3\n4\n${'long'.repeat(5000)}\n6\n`],
    [100, `1\n2\n3\n4\n${'long'.repeat(5000)}\n6\n`],
  ])('--tail %i, over files', (tail, expected) => {
    writeFileSync(`${path}.1`, line('1\n') + line('2\n') + line('3\n'))
    writeFileSync(path, line('4\n') + line('long'.repeat(5000)) + line('\n') + line('6\n'))
    expect(read({ tail })).toBe(expected)
  })

  it('--tail of lines that lie across the blocks in which it is read', () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `${n} ${'€'.repeat(n % 700)}\n`)
    writeFileSync(path, lines.map((text) => line(text)).join(''))
    for (const tail of [1, 299, 2999, 3000]) expect(read({ tail })).toBe(lines.slice(-tail).join(''))
  })

  it('--tail does not read all of a large file', async () => {
    writeFileSync(path, line('x'.repeat(200)).repeat(20_000) + line('last\n'))
    const { LineFile } = await import('../src/look/lines.ts')
    const before = bytesRead()
    const file = LineFile.open(path)
    expect(file?.backward().next().value?.line).toContain('last')
    file?.close()
    expect(bytesRead() - before).toBeLessThan(300_000)
  })

  it('--since and --until include both ends', () => {
    writeFileSync(path, [1, 2, 3, 4].map((n) => line(`${n}\n`, n)).join(''))
    const at = (second: number): bigint => BigInt(Date.parse(`2026-01-01T00:00:0${second}.500Z`)) * 1_000_000n
    expect(read({ since: at(2), until: at(3) })).toBe('2\n3\n')
    expect(read({ since: at(2) + 1n })).toBe('3\n4\n')
    expect(read({ until: at(3) - 1n, tail: 1 })).toBe('2\n')
    expect(read({ since: at(5) })).toBe('')
  })
})

describe('following', () => {
  it('200 000 lines across rotations: none lost, none doubled, order kept per stream', async () => {
    const end = live()
    const entries: LogEntry[] = []
    const following = follow({}, (more) => entries.push(...more))
    await runWriter(200_000, 1_000_000, 5)
    end()
    await following
    expectAll(entries, 200_000)
  }, 60_000)

  it('begins in the middle of rotations', async () => {
    const writing = runWriter(50_000, 200_000, 100)
    const end = live()
    const entries: LogEntry[] = []
    await new Promise<void>((resolve) => setTimeout(resolve, 100))
    const following = follow({}, (more) => entries.push(...more))
    await writing
    end()
    await following
    expectAll(entries, 50_000)
  }, 60_000)

  it('copes with several rotations between two looks', async () => {
    const end = live()
    writeFileSync(path, line('0\n'))
    let text = ''
    const following = follow({}, (entries) => {
      for (const { log } of entries) text += log
      // Before it sleeps again: three files further, the first of them with a line that it has not read.
      if (log(entries) !== '0\n') return
      appendFileSync(path, line('1\n'))
      for (const n of [2, 3, 4]) {
        for (let k = n - 2; k >= 0; k--) renameSync(k === 0 ? path : `${path}.${k}`, `${path}.${k + 1}`)
        writeFileSync(path, line(`${n}\n`))
      }
      setImmediate(end)
    })
    await following
    expect(text).toBe('0\n1\n2\n3\n4\n')
  })

  it('ends at once when the container does not run', async () => {
    writeFileSync(path, line('all\n'))
    let text = ''
    await follow({}, (entries) => {
      text += log(entries)
    })
    expect(text).toBe('all\n')
  })

  it('ends when the monitor is killed and leaves its files behind', async () => {
    const container = spawn('sleep', ['1000'])
    const { processStartTime } = await import('@rt/native')
    const pid = container.pid ?? 0
    writeFileSync(layout.status(id), `${pid} ${processStartTime(pid)} 1\n`)
    const held = lock(layout.lock(id))
    const following = follow({}, () => {})
    await new Promise((resolve) => setImmediate(resolve))
    held.release()
    container.kill('SIGKILL')
    await following
  })

  it('ends at --until', async () => {
    const end = live()
    const started = Date.now()
    await follow({ until: BigInt(started + 200) * 1_000_000n }, () => {})
    expect(Date.now() - started).toBeGreaterThanOrEqual(200)
    end()
  })
})

const log = (entries: readonly LogEntry[]): string => entries.map((entry) => entry.log).join('')
