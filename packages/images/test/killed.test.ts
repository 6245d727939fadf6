import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ImageStore } from '../src/index.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { noRegistry, TestRegistry } from './registry.ts'
import { imageOf, layerOf, upload } from './registry-images.ts'
import { contents, inMemory, useStore } from './store.ts'

const world = useStore(inMemory())
const nobody = (): boolean => false
let killer = ''
let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-killer-'))
  killer = join(directory, 'killer.so')
  const source = join(import.meta.dirname, 'killer.c')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', killer, source, '-ldl'])
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const script = `import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
  import { OPERATIONS } from ${JSON.stringify(new URL('./operations.ts', import.meta.url).href)}
  const [operation, root, what] = process.argv.slice(1)
  await OPERATIONS[operation](new ImageStore(root), what)`

/** Does it in a process of its own that is killed before its step `at`. Answers whether it came so far. */
const killed = async (operation: Operation, root: string, what: string, at: number): Promise<boolean> => {
  const child = spawn(
    process.execPath,
    ['--conditions=@rt/source', '--input-type=module', '-e', script, operation, root, what],
    {
      env: { ...process.env, LD_PRELOAD: killer, RT_KILL_BELOW: join(root, 'images'), RT_KILL_AT: String(at) },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let text = ''
  child.stderr.on('data', (data) => {
    text += data
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  if (signal === 'SIGKILL') return true
  expect(code, text).toBe(0)
  return false
}

/** What the store's contents take on the disk, found by looking at every file: trees in clusters, as the store counts them. */
const onDisk = ({ layout }: ImageStore): number => {
  const below = (directory: string, cluster: number): number =>
    (existsSync(directory) ? readdirSync(directory) : []).reduce((sum, name) => {
      const stat = lstatSync(join(directory, name))
      if (stat.isDirectory()) return sum + cluster + below(join(directory, name), cluster)
      return sum + Math.ceil(stat.size / cluster) * cluster
    }, 0)
  const trees = [layout.layers, layout.tmp]
    .flatMap((path) => (existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []))
    .filter((path) => lstatSync(path).isDirectory())
  return [...trees.map((path) => below(path, 4096)), below(layout.blobs, 1), below(layout.fetch, 1)].reduce(
    (a, b) => a + b,
  )
}

const FILES: Readonly<Record<string, number>> = { shared: 30_000, own: 40_000, new: 50_000 }

/** Every image that is there is there with all its files. */
const expectWhole = (store: ImageStore): void => {
  for (const { id, reference } of store.list())
    for (const layer of store.require(reference ?? id).layers)
      for (const name of readdirSync(layer)) expect(lstatSync(join(layer, name)).size, name).toBe(FILES[name])
}

describe.skipIf(noRegistry)('killed before each of its steps', () => {
  const layers = ['shared', 'own'].map((name) => layerOf(name, randomBytes(FILES[name] ?? 0)))
  const [shared] = layers as [(typeof layers)[0]]
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await TestRegistry.start()
    await upload(registry.host, 'base', '1', [shared], imageOf([shared]))
    await upload(registry.host, 'made', '1', layers, imageOf(layers))
  })
  afterAll(() => registry?.[Symbol.asyncDispose]())

  /** A store with one image, whose layer the others have too. */
  const prepare = async (): Promise<void> => {
    const name = `${registry.host}/base:1`
    await world.store.pull(name)
    await world.store.tag(name, 'base:1')
    await world.store.remove(name, () => undefined)
  }

  it.each<[Operation, least: number]>([
    ['pull', 20],
    ['load', 20],
    ['commit', 20],
    ['rmi', 8],
    ['prune', 8],
  ])('%s: everything works afterwards, and usage and prune agree with the disk', async (operation, least) => {
    await prepare()
    const what = {
      pull: `${registry.host}/made:1`,
      load: join(world.directory, 'made.tar'),
    }
    const other = new ImageStore(join(world.directory, 'other'))
    await other.pull(what.pull)
    await other.tag(what.pull, 'made:1')
    const parts: Buffer[] = []
    await other.save(['made:1'], 'docker-archive', (bytes) => parts.push(Buffer.from(bytes)))
    writeFileSync(what.load, Buffer.concat(parts))
    const subject = what[operation as keyof typeof what] ?? ''
    let steps = 0
    for (let isKilled = true; isKilled; ) {
      const root = join(world.directory, `killed-${++steps}`)
      cpSync(join(world.directory, 'data'), root, { recursive: true })
      const store = new ImageStore(root)
      isKilled = await killed(operation, root, subject, steps)
      const agree = async (): Promise<number> => {
        expectWhole(store)
        const { size, reclaimable } = await store.usage(nobody)
        expect([size, reclaimable], `${operation}, step ${steps}`).toEqual([onDisk(store), size])
        return size
      }
      const before = await agree()
      // Either cleaned up first, or not.
      if (steps % 2 === 1) {
        const { reclaimed } = await store.prune(nobody, { all: false })
        expect(before - reclaimed).toBe(await agree())
        expect(contents(store).tmp).toEqual([])
      }
      if (operation === 'commit') expect(store.find('base:1')).toBeDefined()
      await OPERATIONS[operation](store, subject)
      const made = { pull: what.pull, load: 'made:1', commit: 'made:1' }
      const name = made[operation as keyof typeof made]
      if (name === undefined) expect(store.list()).toEqual([])
      else expect(store.find(name)).toBeDefined()
      const size = await agree()
      expect((await store.prune(nobody, { all: true })).reclaimed).toBe(size)
      expect([await agree(), contents(store)]).toEqual([
        0,
        { references: [], configs: [], layers: [], blobs: [], tmp: [] },
      ])
      rmSync(root, { recursive: true })
    }
    expect(steps).toBeGreaterThan(least)
  })
})
