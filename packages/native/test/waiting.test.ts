import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  isLocked,
  openDoor,
  openProcess,
  processStartTime,
  runAll,
  tryLock,
  waitReadable,
  waitUnlocked,
} from '../src/index.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-wait-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('openProcess', () => {
  it('only the process of that start time', async () => {
    const child = spawn('cat')
    const pid = child.pid as number
    const startTime = processStartTime(pid) as string
    expect(openProcess(pid, String(Number(startTime) + 1))).toBeUndefined()
    const pidfd = openProcess(pid, startTime) as number
    expect(waitReadable([pidfd], 20).size).toBe(0)
    child.kill()
    expect([...waitReadable([pidfd], 10_000)]).toEqual([pidfd])
    closeSync(pidfd)
    await once(child, 'exit')
    expect(openProcess(pid, startTime)).toBeUndefined()
  })
})

describe('waitUnlocked', () => {
  it('makes no file where there is none', () => {
    waitUnlocked(join(directory, 'lock'))
    expect(isLocked(join(directory, 'lock'))).toBe(false)
    waitUnlocked(join(directory, 'no', 'lock'))
  })

  it('waits for another process', async () => {
    const path = join(directory, 'lock')
    tryLock(path)?.release()
    // flock(1) takes another kind of lock: this one is a child of this test's own kind.
    const script = `const { tryLock } = await import(${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))}); tryLock(process.argv[1]); process.stdout.write('held'); setTimeout(() => process.exit(), 300)`
    const holder = spawn(
      process.execPath,
      ['--conditions=@rt/source', '--experimental-strip-types', '--input-type=module', '-e', script, path],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    await once(holder.stdout, 'data')
    expect(isLocked(path)).toBe(true)
    waitUnlocked(path)
    expect(isLocked(path)).toBe(false)
  })
})

describe('openDoor', () => {
  it('undefined where nobody answers, or where there is no directory', () => {
    expect(openDoor(directory)).toBeUndefined()
    expect(openDoor(join(directory, 'none'))).toBeUndefined()
  })
})

describe('runAll', () => {
  it('answers every exit status, and tells what was written, in order, whoever is done first', async () => {
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    const heard: string[] = []
    const codes = await runAll(
      [
        ['sh', '-c', `cat ${fifo}; echo first; exit 3`],
        ['sh', '-c', 'echo bad >&2; kill -9 $$'],
        ['sh', '-c', `echo last; echo go >${fifo}`],
      ],
      3,
      (fd, bytes) => heard.push(`${fd} ${bytes}`),
    )
    expect(codes).toEqual([3, 137, 0])
    expect(heard.join('')).toMatch(/^1 go\n(1 )?first\n2 bad\n1 last\n$/)
  })
})
