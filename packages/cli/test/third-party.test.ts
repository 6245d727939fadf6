import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

const manifest = (kind: string, name: string, more: object = {}): string =>
  JSON.stringify({ name: `rt-driver-${kind}-${name}`, version: '1.0.0', rt: { kind, name, apiVersion: 1 }, ...more })

const NONE = `{
  constructor(context) { this.options = context.options }
  async probe() { return { ok: true, detail: 'needs nothing' } }
  async setup() {
    return {
      namespace: 'new',
      enter: [{ where: 'netns', op: 'link.set', name: 'lo', up: true, why: 'Programs expect it.' }],
      leave: [],
      attachment: { driver: 'mine', interfaces: [] },
    }
  }
}`

describe.skipIf(cannotRun)('a driver of a third party', () => {
  const rt = useRt()
  const put = async (folder: string, files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) await rt().host.write(`${folder}/${path}`, text)
  }

  it.each([
    ['an ES module', { main: 'index.js', type: 'module' }, 'index.js', `export default class Mine ${NONE}`],
    ['CommonJS', {}, 'index.js', `module.exports = class Mine ${NONE}`],
    [
      'compiled to CommonJS',
      { main: 'a.cjs' },
      'a.cjs',
      `exports.__esModule = true; exports.default = class Mine ${NONE}`,
    ],
    [
      'with exports',
      { exports: { '.': { types: './x.d.ts', import: './dist/a.mjs' } } },
      'dist/a.mjs',
      `export default class Mine ${NONE}`,
    ],
    [
      'that waits while it is loaded',
      { main: 'a.mjs' },
      'a.mjs',
      `await new Promise((go) => setTimeout(go, 5)); export default class Mine ${NONE}`,
    ],
  ])('runs a container: %s', async (_, more, file, source) => {
    await put('/var/lib/rt/drivers/net/mine', { 'package.json': manifest('net', 'mine', more), [file]: source })
    const before = await rt().world.snapshot()
    expect(await rt().out(['run', '--rm', '--network=mine', 'busybox', 'ls', '/sys/class/net'])).toBe('lo\n')
    await rt().world.expectNoLeaks(before)
    await rt().host.sh('rm -r /var/lib/rt/drivers')
  })
})
