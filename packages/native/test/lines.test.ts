import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { HostStep, LinesOperation } from '@rt/driver-api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toShell } from '../src/explain/index.ts'
import { performByShim, performSteps } from '../src/index.ts'

const HEAD = '127.0.0.1\tlocalhost\n::1\tlocalhost\n'
const marker = (n: number): string => n.toString(16).padStart(12, '0')
const line = (n: number, name = `c${n}`): string => `10.0.${n >> 8}.${n & 255}\t${name} ${marker(n)}\t# ${marker(n)}`

let base = ''
let directory = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'rt-lines-'))
  directory = join(base, 'net')
  mkdirSync(directory)
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(base, { recursive: true })
})

const file = (name = 'hosts'): string => join(directory, name)
const read = (name?: string): string => readFileSync(file(name), 'latin1')
/** What a program finds: lines that are no comments. */
const seen = (name?: string): string[] =>
  read(name)
    .split('\n')
    .filter((text) => /^[^#]/.test(text))
    .slice(2)

type Step = HostStep & LinesOperation
const step = (operation: LinesOperation): Step => ({ where: 'host', why: 'test', ...operation })
const lockFile = () => join(base, 'lock')
const make = (more: object = {}): Step =>
  step({ op: 'lines.make', path: file(), lock: lockFile(), head: HEAD, from: [], links: [], ...more })
const add = (lines: readonly string[], replaces?: string): Step =>
  step({ op: 'lines.add', directory, lock: lockFile(), lines, ...(replaces !== undefined && { replaces }) })
const remove = (n: number): Step => step({ op: 'lines.remove', directory, lock: lockFile(), marker: marker(n) })

/** The three who can end a line. */
const WAYS: Readonly<Record<string, (step: Step) => void>> = {
  TypeScript: (it) => performSteps([it]),
  'the shim': (it) => performByShim([it]),
  'the explained command': (it) => {
    // Where its input is a socket, bash takes itself for one that was started from afar, and reads the user's bashrc.
    const { status, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', toShell(it).join('\n')], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  },
}

describe.each(Object.entries(WAYS))('lines that are ended by %s', (_, perform) => {
  it('are comments where they were, and the file is the same', () => {
    performSteps([make(), add([line(1)]), add([line(2), line(2, 'alias')]), add([line(3)])])
    const { ino, size } = statSync(file())
    perform(remove(2))
    expect(seen()).toEqual([line(1), line(3)])
    expect(statSync(file())).toMatchObject({ ino, size })
    perform(remove(2))
    perform(remove(9))
    expect(seen()).toEqual([line(1), line(3)])
  })

  it('leave nothing when nobody is left', () => {
    performSteps([make(), add([line(1)]), add([line(2)])])
    perform(remove(2))
    perform(remove(1))
    expect(read()).toBe(HEAD)
  })

  it('stay in what a program has sent into a pipe, which the kernel takes from the file itself', async () => {
    performSteps([make(), add([line(1)])])
    const content = read()
    const late = spawn('sh', ['-c', '{ busybox cat "$0"; echo sent >&4; } | { read -r _ <&3; cat; }', file()], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    })
    const [, stdout, , go, sent] = late.stdio as [null, Readable, null, Writable, Readable]
    const whole = text(stdout)
    await once(sent, 'data')
    perform(remove(1))
    go.end('read\n')
    expect(await whole).toBe(content)
    expect(seen()).toEqual([])
  })

  it('where somebody was killed while he put another file in the place of theirs', () => {
    performSteps([make(), add([line(1)])])
    writeFileSync(file('.new'), line(1).repeat(10))
    performSteps([add([line(2)])])
    expect(read('.new')).toBe(line(1).repeat(10))
    perform(remove(1))
    perform(remove(2))
    expect(read()).toBe(HEAD)
    expect(readdirSync(directory)).toEqual(['hosts'])
  })

  it('are ended in a file of several names, which stays the same', () => {
    performSteps([make({ links: [join(base, 'link')] }), add([line(1)])])
    perform(remove(1))
    expect(seen()).toEqual([])
    expect(statSync(join(base, 'link')).ino).toBe(statSync(file()).ino)
  })

  it('are no lines of a user that look similar', () => {
    const own = `${HEAD}10.9.9.9\tx # ${marker(1)}\n#10.9.9.8\ty\t# ${marker(1)}\n10.9.9.7\tz\t# ${marker(1)} \n\n# ${marker(1)}\n${marker(1)}\n`
    performSteps([make({ head: own }), add([line(1)]), add([line(2)])])
    perform(remove(1))
    expect(read().startsWith(own)).toBe(true)
    perform(remove(2))
    expect(read()).toBe(own)
  })

  it('of all files of the directory, and where there is no directory there is nothing to do', () => {
    performSteps([make(), make({ path: file('other') }), add([line(1)]), add([line(2)])])
    perform(remove(1))
    for (const name of ['hosts', 'other']) expect(seen(name)).toEqual([line(2)])
    rmSync(directory, { recursive: true })
    perform(remove(1))
  })
})

describe.each([
  ['TypeScript', WAYS.TypeScript],
  ['the shim', WAYS['the shim']],
] as const)('a file of a container\u2019s own, for %s', (_, perform) => {
  it.each([
    ['has gone', (own: string) => rmSync(own)],
    ['is enormous', (own: string) => truncateSync(own, 2 ** 42)],
    ['has become nonsense', (own: string) => writeFileSync(own, Buffer.alloc(100_000, 0xff))],
    ['is empty', (own: string) => truncateSync(own)],
  ])('that %s does not keep others from theirs', (_case, spoil) => {
    const own = join(base, 'own')
    performSteps([make(), make({ path: own, own: true, links: [file('+own')] }), add([line(1)]), add([line(2)])])
    expect(seen('+own')).toEqual([line(1), line(2)])
    spoil(own)
    perform?.(remove(1))
    performSteps([add([line(3)])])
    expect(seen()).toEqual([line(2), line(3)])
  })
})

describe('lines that are added', () => {
  it('never cross a multiple of 1024, and are in every file with one write', () => {
    performSteps([make(), make({ path: file('other') })])
    for (let n = 0; n < 100; n++) performSteps([add([line(n, 'x'.repeat((n * 37) % 500))])])
    for (const name of ['hosts', 'other']) {
      expect(seen(name)).toHaveLength(100)
      for (let at = 1024; at < read(name).length; at += 1024) expect(read(name)[at - 1]).toBe('\n')
    }
  })

  it('take the place of those that they replace', () => {
    performSteps([make(), add([line(1, 'old')]), add([line(2)]), add([line(1, 'new')], marker(1))])
    expect(seen()).toEqual([line(2), line(1, 'new')])
  })

  it('are not half there where the disk is full, and end nevertheless', () => {
    const result = onFullDisk(`
      const before = []
      try {
        for (let n = 0; ; n++) { before[0] = read(); performSteps([{ ...base, op: 'lines.add', directory, lines: ['y'.repeat(900)] }]) }
      } catch (error) { console.log(error.code, read() === before[0], before[0].length > 3000) }
      for (const perform of [performSteps, performByShim]) {
        perform([{ ...base, op: 'lines.remove', directory, marker }])
        console.log(/^[^#].*# [0-9a-f]{12}$/m.test(read()), readdirSync(directory))
        truncateSync(file, 2)
        writeSync(openSync(file, 'a'), line)
      }`)
    expect(result).toMatchObject({
      stderr: '',
      stdout: "RT_DISK_FULL true true\nfalse [ '+filler', 'hosts' ]\nfalse [ '+filler', 'hosts' ]\n",
    })
  })
})

/** Of 8 KiB: there is room for one file with one line and lines that follow, but for no second one. */
const onFullDisk = (program: string) => {
  const script = `mount -t tmpfs -o size=8k none ${directory} && exec "$@"`
  const names = { directory, file: file(), marker: marker(1), line: `${line(1)}\n` }
  const whole = `
    const { performByShim, performSteps } = await import('@rt/native')
    const { openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } = await import('node:fs')
    const { directory, file, marker, line } = ${JSON.stringify(names)}
    const base = { where: 'host', why: '', lock: ${JSON.stringify(lockFile())} }
    const read = () => readFileSync(file, 'utf8')
    performSteps([{ ...base, op: 'lines.make', path: file, head: 'x\\n', from: [], links: [] }])
    performSteps([{ ...base, op: 'lines.add', directory, lines: [line.trim()] }])
    writeFileSync(directory + '/+filler', Buffer.alloc(4096))
    ${program}`
  const argv = [process.execPath, '--no-warnings', '--conditions=@rt/source', '--input-type=module', '-e', whole]
  return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...argv], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  })
}

describe('files that are made', () => {
  it('have the lines that others have, and are made once', () => {
    performSteps([make(), add([line(1)]), add([line(2)]), remove(1)])
    const both = { path: file('both'), from: [file()], links: [join(base, 'link')] }
    performSteps([make(both)])
    expect(seen('both')).toEqual([line(2)])
    performSteps([add([line(3)]), make(both)])
    expect(seen('both')).toEqual([line(2), line(3)])
    expect(statSync(join(base, 'link')).ino).toBe(statSync(file('both')).ino)
  })

  it('by the commands that explain them, too', () => {
    performSteps([make(), add([line(1)]), add([line(2)]), remove(1)])
    const run = WAYS['the explained command'] as (step: Step) => void
    run(make({ path: file('both'), from: [file()], links: [join(base, 'link')] }))
    run(make({ path: join(base, 'own'), from: [file()], links: [file('+own')], own: true }))
    run(add([line(3, "it's")]))
    expect(seen('both')).toEqual([line(2), line(3, "it's")])
    expect(seen('+own')).toEqual(seen('both'))
    run(add([line(3, 'new')], marker(3)))
    expect(seen('both')).toEqual([line(2), line(3, 'new')])
  })
})

describe.each(Object.entries(WAYS).filter(([name]) => name !== 'the shim'))(
  'an own file that has the lines of another one for a while, by %s',
  (_, perform) => {
    it('gets those that are there and those that come, and loses them again, but not what the container wrote', () => {
      const own = join(base, 'own')
      const other = join(base, 'other')
      mkdirSync(other)
      const from = join(other, 'hosts')
      performSteps([make(), make({ path: own, own: true, links: [file('+own')] }), add([line(1)])])
      performSteps([make({ path: from }), { ...add([line(2)]), directory: other } as Step])
      writeFileSync(own, '10.9.9.9\tmine\n', { flag: 'a' })
      const link = join(other, '+own')
      perform(step({ op: 'lines.join', path: own, link, from, lock: lockFile() }))
      performSteps([{ ...add([line(3)]), directory: other } as Step, add([line(4)])])
      expect(seen('+own')).toEqual([line(1), '10.9.9.9\tmine', line(2), line(3), line(4)])
      const { ino } = statSync(own)
      for (const _time of ['once', 'again']) {
        perform(step({ op: 'lines.part', path: own, link, from, lock: lockFile() }))
        expect(seen('+own')).toEqual([line(1), '10.9.9.9\tmine', line(4)])
      }
      performSteps([{ ...add([line(5)]), directory: other } as Step])
      expect(seen('+own')).not.toContain(line(5))
      expect(statSync(own).ino).toBe(ino)
    })
  },
)

describe.each(Object.entries(WAYS).filter(([name]) => name !== 'the shim'))(
  'a link that is made by %s',
  (_, perform) => {
    it.each([false, true])('takes the place of what was there; symbolic: %s', (symbolic) => {
      const [one, two, path] = ['one', 'two', 'path'].map((name) => join(base, name)) as [string, string, string]
      writeFileSync(one, 'one')
      writeFileSync(two, 'two')
      for (const to of [one, two, two]) {
        perform({ where: 'host', why: 'test', op: 'file.link', path, to, symbolic } as unknown as Step)
        expect(readFileSync(path, 'utf8')).toBe(to === one ? 'one' : 'two')
        expect(lstatSync(path).isSymbolicLink()).toBe(symbolic)
        expect(existsSync(`${path}.new`)).toBe(false)
      }
    })
  },
)

describe('a network that is never empty', () => {
  it('keeps its file small, however many come and go, and loses nobody', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_763_800_000_000 })
    const living = new Set<number>()
    performSteps([make()])
    let most = 0
    for (let n = 0; n < 4000; n++) {
      vi.setSystemTime(Date.now() + 500)
      living.add(n)
      performSteps([add([line(n, `name-${'x'.repeat(n % 60)}`)])])
      // Twenty of them, the oldest and one from the middle by turns.
      const all = [...living]
      if (all.length > 20) {
        const gone = all[n % 2 === 0 ? 1 : 10] as number
        living.delete(gone)
        performSteps([remove(gone)])
      }
      most = Math.max(most, statSync(file()).size)
      if (n % 100 === 99) {
        const markers = seen().map((text) => Number.parseInt(text.slice(-12), 16))
        expect(new Set(markers)).toEqual(living)
        for (let at = 1024; at < read().length; at += 1024) expect(read()[at - 1]).toBe('\n')
      }
    }
    expect(most).toBeLessThan(40_000)
  })

  it('a reader without a lock sees whole lines only, and always the one that stays', async () => {
    performSteps([make(), add([line(1, 'stays')])])
    const reader = spawn(
      process.execPath,
      [
        '-e',
        `const fs = require('fs'); const fd = fs.openSync(${JSON.stringify(file())}); const b = Buffer.alloc(1024); let reads = 0, wrong = new Set
        process.stdin.once('data', () => { console.log(JSON.stringify([reads, [...wrong]])); process.exit() })
        ;(function look() {
          for (let i = 0; i < 200; i++) {
            let text = '', n, at = 0
            while ((n = fs.readSync(fd, b, 0, 1024, at)) > 0) { text += b.latin1Slice(0, n); at += n }
            reads++
            const lines = text.split('\\n').filter((l) => l && l[0] !== '#').slice(2)
            for (const l of lines) { const [, ip, name, mark] = /^10\\.0\\.(\\d+\\.\\d+)\\t(\\S+) [0-9a-f]{12} *\\t# ([0-9a-f]{12})$/.exec(l) || []; const k = parseInt(mark, 16)
              if (ip !== (k >> 8) + '.' + (k & 255) || name !== (k === 1 ? 'stays' : 'n' + k)) wrong.add(l) }
            if (!lines.some((l) => l.includes('stays'))) wrong.add('lost')
          }
          setImmediate(look)
        })()`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    // Time passes quickly, so that places are used again, but not within one read.
    vi.useFakeTimers({ toFake: ['Date'], now: 1_763_800_000_000 })
    const held: number[] = []
    const until = performance.now() + 5000
    for (let n = 2; performance.now() < until; n = (n + 1) % 60_000 || 2) {
      vi.setSystemTime(Date.now() + 200)
      performSteps([add([line(n, `n${n}`)])])
      held.push(n)
      if (held.length > 30) performSteps([remove(held.splice((n * 7) % 30, 1)[0] as number)])
    }
    const out: Buffer[] = []
    reader.stdout.on('data', (data: Buffer) => out.push(data))
    reader.stdin.write('end\n')
    await new Promise((resolve) => reader.on('close', resolve))
    const [reads, wrong] = JSON.parse(Buffer.concat(out).toString()) as [number, string[]]
    expect(wrong).toEqual([])
    expect(reads).toBeGreaterThan(100)
  })
})
