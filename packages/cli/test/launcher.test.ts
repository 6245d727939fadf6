import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands as hotCommands } from '../src/commands/hot.ts'

/** A checkout that is ready, whose command only says how it was called. Needs no root. */
describe('the script rt at the top of a checkout', () => {
  let checkout = ''
  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), 'rt-launcher-'))
    for (const name of ['.rt', 'packages/cli/dist', 'elsewhere']) mkdirSync(join(checkout, name), { recursive: true })
    copyFileSync(join(import.meta.dirname, '../../../rt'), join(checkout, 'rt'))
    const says =
      'console.log(JSON.stringify({ args: process.argv.slice(2), flags: process.execArgv, env: process.env }))'
    writeFileSync(join(checkout, 'packages/cli/dist/launch.cjs'), says)
    writeFileSync(join(checkout, '.rt/ready'), `${process.execPath}\n`)
    writeFileSync(join(checkout, 'packages/cli/dist/quick-flags'), '--max-lazy --no-opt\n')
    symlinkSync('../rt', join(checkout, 'elsewhere/rt'))
  })
  afterAll(() => rmSync(checkout, { recursive: true }))

  /** Without what the loader says of the library, which this checkout does not have. */
  const call = (path: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
    JSON.parse(
      execFileSync(resolve(checkout, path), args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: process.env.PATH, ...env },
      }),
    )

  it.each([
    [['run', 'busybox', 'sh', '-c', 'echo "a  b" *']],
    [['run', '--env-file=/no/such/file', 'busybox']],
    [['--version']],
    [['run', '--inspect', '--env-file', '/no/such/file', 'x']],
    [['']],
    [[]],
  ])('passes %j on as it is: no flag is taken for one of Node\u2019s', (args) => {
    expect(call('rt', args).args).toEqual(args)
  })

  it('works through a link', () => {
    expect(call('elsewhere/rt', ['ps']).args).toEqual(['ps'])
  })

  it('starts exactly the commands of the hot bundle with the flags for short lives', () => {
    const hot = Object.keys(hotCommands)
    expect(hot).toContain('run')
    for (const name of [...hot, 'create', 'pull', 'system', 'runs', '--root', ''])
      expect([name, call('rt', [name]).flags.includes('--no-opt')]).toEqual([name, hot.includes(name)])
  })

  it('keeps NODE_EXTRA_CA_CERTS from a start that does not need it', () => {
    const { env } = call('rt', [], { NODE_EXTRA_CA_CERTS: '/etc/ssl/extra.pem' })
    expect(env.NODE_EXTRA_CA_CERTS).toBeUndefined()
    expect(env.RT_NODE_EXTRA_CA_CERTS).toBe('/etc/ssl/extra.pem')
  })

  it('loads its own library into Node, before those of the user', () => {
    const library = join(checkout, 'packages/cli/dist/rt-preload.so')
    expect(call('rt', []).env.LD_PRELOAD).toBe(library)
    expect(call('rt', [], { LD_PRELOAD: '/lib/own.so' }).env.LD_PRELOAD).toBe(`${library}:/lib/own.so`)
  })

  it('does without in a directory whose name the loader would not understand', () => {
    const odd = `${checkout} with blanks`
    renameSync(checkout, odd)
    try {
      expect(call(join(odd, 'rt'), []).env.LD_PRELOAD).toBeUndefined()
    } finally {
      renameSync(odd, checkout)
    }
  })
})

it('the bundle of the start loads no node:crypto, which would take it a tenth more', () => {
  const hot = readFileSync(join(import.meta.dirname, '../dist/hot.cjs'), 'utf8')
  expect(hot).not.toMatch(/require\("(node:)?crypto"\)/)
})
