import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { create, KINDS } from '../src/create.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-create-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('create-rt-driver', () => {
  it.each(KINDS)('writes a %s driver that compiles and says what it is', (kind) => {
    const folder = create(join(import.meta.dirname, `../.try-${kind}`), { kind, name: 'my-own' })
    try {
      const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      expect(json).toMatchObject({ name: `rt-driver-${kind}-my-own`, rt: { kind, name: 'my-own', apiVersion: 1 } })
      const tsc = join(import.meta.dirname, '../../../node_modules/.bin/tsc')
      execFileSync(tsc, ['-p', join(folder, 'tsconfig.json'), '--noEmit'], { stdio: 'pipe' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('writes over nothing', () => {
    writeFileSync(join(directory, 'mine'), '')
    expect(() => create(directory, { kind: 'net', name: 'x' })).toThrow('is not empty')
  })

  it.each([
    [['--kind', 'net', '--name', '../x'], '--name must be'],
    [['--kind', 'moon', '--name', 'x'], '--kind must be one of net, storage, isolation'],
    [['--colour', 'red'], "Unknown option '--colour'"],
  ])('refuses %j', (args, message) => {
    const main = join(import.meta.dirname, '../src/main.ts')
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: directory, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain(message)
  })
})
