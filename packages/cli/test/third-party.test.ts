import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

const manifest = (kind: string, name: string, more: object = {}): string =>
  JSON.stringify({ name: `rt-driver-${kind}-${name}`, version: '1.0.0', rt: { kind, name, apiVersion: 1 }, ...more })

const NONE = `{
  static options = { colour: { expected: 'a colour', description: 'What it looks like.', default: 'red', read: (value) => value } }
  static capabilities = { ports: false, combine: false }
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
const MODULE = { type: 'module', main: 'index.js' }
const LS = ['run', '--rm', '--network=mine', 'busybox', 'ls', '/sys/class/net']

describe.skipIf(cannotRun)('a driver of a third party', () => {
  const rt = useRt()
  const put = async (folder: string, files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) await rt().host.write(`${folder}/${path}`, text)
  }
  const source = { 'package.json': manifest('net', 'mine', MODULE), 'index.js': `export default class Mine ${NONE}` }

  it.each([
    ['an ES module', MODULE, 'index.js', `export default class Mine ${NONE}`],
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
  ])('runs a container: %s', async (_, more, file, text) => {
    await put('/var/lib/rt/drivers/net/mine', { 'package.json': manifest('net', 'mine', more), [file]: text })
    expect(await rt().out(LS)).toBe('lo\n')
    await rt().host.sh('rm -r /var/lib/rt/drivers')
  })

  it('is found where the config says, before all others', async () => {
    await put('/root/here', source)
    await put('/root', { 'rt.yaml': 'drivers: { network: { mine: ./here } }\nnetwork: { mine: { colour: blue } }\n' })
    expect(await rt().out(LS)).toBe('lo\n')
    expect(await rt().out(['drivers', 'ls'])).toMatch(/network +mine +rt-driver-net-mine@1\.0\.0 +config/)
    expect(await rt().out(['drivers', 'inspect', 'mine'])).toMatch(/colour +blue \(\/root\/rt\.yaml\) +red +a colour/)
    await rt().host.sh('rm -r rt.yaml here')
  })

  it('is not even looked at where another one is asked for', async () => {
    // Whoever opens a FIFO to read it waits for ever.
    await rt().host.sh(
      'for n in $(seq 20); do mkdir -p /var/lib/rt/drivers/net/d$n; mkfifo /var/lib/rt/drivers/net/d$n/package.json; done',
    )
    expect(await rt().out(['run', '--rm', '--network=none', 'busybox', 'echo', 'quick'])).toBe('quick\n')
    await rt().host.sh('rm -r /var/lib/rt/drivers')
  })

  it('may have a copy of the contract of its own, whose errors are quoted like rt’s', async () => {
    const text = `import { RtError } from '@rt/driver-api'
      export default class Mine ${NONE}
      Mine.prototype.setup = async () => { throw new RtError('RT_NET_MINE', 'Nothing is left.', { remedy: 'Wait.', exitCode: 125 }) }`
    const folder = '/var/lib/rt/drivers/net/mine'
    await put(folder, { ...source, 'index.js': text })
    const api = `${rt().world.checkout}/packages/driver-api`
    await rt().host.sh(
      `mkdir -p ${folder}/node_modules/@rt/driver-api; cp -r ${api}/dist ${api}/package.json ${folder}/node_modules/@rt/driver-api`,
    )
    expect(await rt().complaint(LS)).toEqual({
      sentence: 'Nothing is left.',
      code: 'RT_NET_MINE',
      remedy: 'Wait.',
      exitCode: 125,
    })
    await rt().host.sh('rm -r /var/lib/rt/drivers')
  })

  it('that publishes no ports is not asked to', async () => {
    await put('/var/lib/rt/drivers/net/mine', source)
    const complaint = await rt().complaint(['run', '--rm', '-p', '80', '--network=mine', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_NET_MODE', sentence: expect.stringContaining('cannot publish ports') })
    await rt().host.sh('rm -r /var/lib/rt/drivers')
  })

  it('is added from a folder, listed, shown, kept while it is used, and removed', async () => {
    await put('/root/mine', source)
    const before = await rt().world.snapshot()
    expect(await rt().out(['drivers', 'add', './mine'])).toBe('net/mine (rt-driver-net-mine 1.0.0)\n')
    expect(await rt().out(LS)).toBe('lo\n')
    expect(JSON.parse(await rt().out(['drivers', 'ls', '--json']))).toContainEqual(
      expect.objectContaining({ axis: 'network', name: 'mine', from: 'rt drivers add' }),
    )
    expect(JSON.parse(await rt().out(['drivers', 'inspect', '--json', 'mine']))).toMatchObject({
      version: '1.0.0',
      capabilities: { ports: false, peers: true },
      options: [{ name: 'colour', default: 'red' }],
      methods: ['probe', 'setup'],
    })
    const again = await rt().complaint(['drivers', 'add', './mine'])
    expect(again).toMatchObject({ code: 'RT_DRIVER_EXISTS', exitCode: 1 })
    await rt().out(['drivers', 'add', '--force', './mine'])

    await rt().out(['run', '-d', '--name=user', '--network=mine', 'busybox', 'sleep', '1000'])
    const used = await rt().complaint(['drivers', 'remove', 'mine'])
    expect(used).toMatchObject({ code: 'RT_DRIVER_IN_USE', sentence: expect.stringContaining('user') })
    await rt().out(['drivers', 'remove', '--force', 'mine'])
    // What is to be cleaned up needs no driver.
    await rt().out(['rm', '-f', 'user'])
    await rt().host.sh('rmdir /var/lib/rt/drivers/net /var/lib/rt/drivers')
    await rt().world.expectNoLeaks(before)
  })

  it('that was being added by a rt that was killed leaves nothing once another one is added', async () => {
    await put('/root/mine', source)
    const list = async () => (await rt().host.sh('ls -A /var/lib/rt/drivers || true')).trim().split('\n')
    const adding = rt().spawn(['drivers', 'add', './mine'])
    await until('npm has begun', async () => (await list()).some((name) => /^\.staging-[0-9a-f]{16}$/.test(name)))
    await adding.kill('SIGKILL')
    await adding.exit
    await until('npm has ended', async () => !/\bnpm\b/.test(await rt().host.sh('ps -e -o args=')))
    expect(await list()).toHaveLength(2)
    await rt().out(['drivers', 'add', './mine'])
    expect(await list()).toEqual(['net'])
    await rt().out(['drivers', 'remove', 'mine'])
    await rt().host.sh('rmdir /var/lib/rt/drivers/net /var/lib/rt/drivers')
  })

  it('that is replaced by a rt that is killed is the old one or the new one, and works', async () => {
    const [folder, drivers] = ['/root/mine', '/var/lib/rt/drivers']
    const version = async () => JSON.parse(await rt().out(['drivers', 'inspect', '--json', 'mine'])).version
    const old = JSON.stringify({ ...JSON.parse(source['package.json']), version: '0.9.0' })
    for (const flags of [[], ['--link']]) {
      await put(folder, { ...source, 'package.json': old })
      await rt().out(['drivers', 'add', folder])
      await put(folder, source)
      const seen: string[] = []
      for (let step = 1; ; step++) {
        const args = ['drivers', 'add', '--force', ...flags, folder]
        const { code } = await rt().run(args, { env: { RT_TEST_STOP_AT: String(step) } })
        if (code === 0) break
        seen.push(await version())
        expect(await rt().out(LS)).toBe('lo\n')
      }
      expect(seen).toEqual(['0.9.0', '1.0.0'])
      expect((await rt().host.sh(`ls -A ${drivers}`)).trim()).toBe('net')
      const { code } = await rt().run(['drivers', 'remove', 'mine'], { env: { RT_TEST_STOP_AT: '1' } })
      expect(code).not.toBe(0)
      expect(await rt().out(['drivers', 'ls'])).not.toContain('mine')
    }
    // What it had taken out of sight is removed by the next one.
    await rt().out(['drivers', 'add', folder])
    await rt().out(['drivers', 'remove', 'mine'])
    await rt().host.sh(`rmdir ${drivers}/net ${drivers}`)
  })

  it('whose folder has gone from where it was linked to is replaced by force', async () => {
    await put('/root/mine', source)
    await rt().out(['drivers', 'add', '--link', './mine'])
    await rt().host.sh('mv mine elsewhere')
    expect(await rt().complaint(['drivers', 'add', './elsewhere'])).toMatchObject({ code: 'RT_DRIVER_EXISTS' })
    await rt().out(['drivers', 'add', '--force', './elsewhere'])
    expect(await rt().out(LS)).toBe('lo\n')
    await rt().out(['drivers', 'remove', 'mine'])
    await rt().host.sh('rm -r elsewhere; rmdir /var/lib/rt/drivers/net /var/lib/rt/drivers')
  })

  it.each([
    ['./nowhere', 'RT_DRIVER_INSTALL'],
    ['./empty', 'RT_DRIVER_INSTALL'],
    ['./plain', 'RT_DRIVER_MANIFEST'],
    ['./broken', 'RT_DRIVER_BROKEN'],
    ['./bridge', 'RT_DRIVER_EXISTS'],
  ])('is not added where it cannot be used: %s', async (path, code) => {
    await rt().host.sh('mkdir -p empty')
    await put('/root/plain', { 'package.json': '{"name":"plain","version":"1.0.0"}' })
    await put('/root/broken', { ...source, 'index.js': 'throw new Error("no")' })
    await put('/root/bridge', { ...source, 'package.json': manifest('net', 'bridge', MODULE) })
    await rt().host.sh('mkdir -p /var/lib/rt/drivers')
    expect((await rt().complaint(['drivers', 'add', path])).code).toBe(code)
  })
})
