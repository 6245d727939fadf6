import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A clean-up step that only TypeScript can perform hands the clean-up over to rt, in both ways a monitor stands. */
const PROGRAM = `
  const { openSync } = await import('node:fs')
  const { becomeClient, becomeShim, compilePlan, startBackground, startStage } = await import('@rt/native')
  const [base, way] = process.argv.slice(1)
  const plan = compilePlan({
    monitor: {
      statusFile: base + '/status',
      exitFile: base + '/exit',
      stdin: 'null',
      ...(way === 'background' && { background: { door: base + '/door', spoolDirectory: base } }),
      onFailure: ['/bin/sh', '-c', 'echo "failed $*"', 'sh'],
      onLeave: ['/bin/sh', '-c', 'test -e "$1/exit" && echo "left with $2" >"$1/left"; exit "$2"', 'sh', base],
    },
    cgroups: [],
    newNamespaces: ['pid'],
    sandbox: [{ where: 'sandbox', op: 'process.exec', argv: ['/bin/sh', '-c', 'echo out; exit 7'], env: [], why: '' }],
    leave: [{ where: 'host', op: 'link.del', name: 'none-such', why: '' }],
  })
  const lockFd = openSync(base + '/lock', 'w')
  if (way === 'direct') becomeShim(plan, { stage: startStage([], { newNetwork: false }), lockFd })
  const monitor = startBackground([], { tty: false, stdin: false, newNetwork: false })
  becomeClient(plan, { monitor, lockFd, stdin: false, sigProxy: true, detachKeys: new Uint8Array() })`

describe.skipIf(process.getuid?.() !== 0)('clean-up that is beyond the shim', () => {
  let base = ''
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-leaving-'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it.each(['direct', 'background'])('is done by rt before the caller learns of the end: %s', (way) => {
    rmSync(join(base, 'left'), { force: true })
    const argv = ['--no-warnings', '--conditions=@rt/source', '--input-type=module', '-e', PROGRAM, base, way]
    const result = spawnSync(process.execPath, argv, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' })
    expect(result).toMatchObject({ status: 7, stdout: 'out\n', stderr: '' })
    expect(readFileSync(join(base, 'left'), 'utf8')).toBe('left with 7\n')
    expect(readFileSync(join(base, 'exit'), 'utf8')).toMatch(/^7 0 \d+ \d+ 0\n$/)
  })
})
