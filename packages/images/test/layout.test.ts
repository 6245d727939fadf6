import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { lock } from '@rt/native'
import { describe, expect, it } from 'vitest'
import { archive, member } from './archive.ts'
import { contents, expectEmpty, pieces, spawnScript, useStore } from './store.ts'

const world = useStore()
const free = (): undefined => undefined
const tarball = (content: string): Buffer => archive(member({ name: 'file', content }))
const importing = (name: string, data: Buffer) =>
  world.store.importArchive(name, pieces(data), { changes: ['CMD ["x"]'] })
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('the store as an OCI image layout', () => {
  it.each([
    ['a plain archive', (data: Buffer) => data, ''],
    ['a gzipped one', (data: Buffer) => gzipSync(data), '+gzip'],
    ['one of zstd', (data: Buffer) => zstdCompressSync(data), '+zstd'],
  ])('keeps %s as it came, and every blob under its digest', async (_, pack, packing) => {
    const data = pack(tarball('x'))
    const image = await importing('app:1', data)
    const { base, blobs, index } = world.store.layout
    expect(json(join(base, 'oci-layout'))).toEqual({ imageLayoutVersion: '1.0.0' })
    for (const name of readdirSync(blobs)) expect(sha256(join(blobs, name))).toBe(name)
    const [named, ...others] = json(index).manifests
    expect(others).toEqual([])
    expect(named.annotations['org.opencontainers.image.ref.name']).toBe('docker.io/library/app:1')
    const manifest = json(join(blobs, named.digest.slice(7)))
    expect(statSync(join(blobs, named.digest.slice(7))).size).toBe(named.size)
    expect(manifest.config.digest).toBe(image.id)
    expect(manifest.layers).toEqual([
      {
        mediaType: `application/vnd.oci.image.layer.v1.tar${packing}`,
        digest: `sha256:${createHash('sha256').update(data).digest('hex')}`,
        size: data.length,
      },
    ])
  })

  it('is read by skopeo, which is shown every image by its name', async ({ skip }) => {
    if (spawnSync('skopeo', ['--version']).error) skip('skopeo is not installed')
    await importing('app:1', gzipSync(tarball('one')))
    await importing('host:5000/team/app:2', tarball('two'))
    const { base } = world.store.layout
    const inspect = (name: string) =>
      JSON.parse(execFileSync('skopeo', ['inspect', '--config', `oci:${base}:${name}`], { encoding: 'utf8' }))
    expect(inspect('docker.io/library/app:1').config.Cmd).toEqual(['x'])
    const target = join(world.directory, 'copy')
    execFileSync('skopeo', ['copy', '--quiet', `oci:${base}:host:5000/team/app:2`, `dir:${target}`])
    expect(json(join(target, 'manifest.json')).layers).toHaveLength(1)
  })

  it('forgets names, manifests and archives with the image that had them, and not those of others', async () => {
    await importing('one', tarball('one'))
    const kept = contents(world.store)
    await importing('two', tarball('two'))
    expect(contents(world.store).blobs).toHaveLength(6)
    await world.store.remove('two', free)
    expect(contents(world.store)).toEqual(kept)
    expect(json(world.store.layout.index).manifests).toHaveLength(1)
    await world.store.remove('one', free)
    expectEmpty(world.store)
    expect(json(world.store.layout.index).manifests).toEqual([])
  })

  it('collects blobs and beginnings that nobody refers to, but none that somebody is at work with', async () => {
    await importing('app', tarball('x'))
    const { blobs, fetch, layers, tmp } = world.store.layout
    const [orphan, busy, pinned] = ['e', 'd', 'f'].map((digit) => digit.repeat(64)) as [string, string, string]
    writeFileSync(join(blobs, orphan), 'left by a crash')
    writeFileSync(join(fetch, `${orphan}.${orphan}`), 'half')
    writeFileSync(join(fetch, `${orphan}.lock`), '')
    writeFileSync(join(fetch, `${busy}.${busy}`), 'half')
    const fetching = lock(join(fetch, `${busy}.lock`))
    mkdirSync(join(tmp, 'alive'))
    writeFileSync(join(tmp, 'alive', `pin-${pinned}`), '')
    const alive = lock(join(tmp, 'alive.lock'))
    mkdirSync(join(layers, pinned))
    await importing('other', tarball('y'))
    await world.store.remove('other', free)
    expect(existsSync(join(blobs, orphan))).toBe(false)
    expect(readdirSync(fetch).sort()).toEqual([`${busy}.${busy}`, `${busy}.lock`])
    expect(existsSync(join(layers, pinned))).toBe(true)
    alive.release()
    fetching.release()
    await importing('other', tarball('y'))
    expect(existsSync(join(layers, pinned))).toBe(false)
    await world.store.remove('other', free)
    expect(readdirSync(fetch)).toEqual([])
  })

  it('killed while images are removed, tagged and pruned, it is still whole', async () => {
    const script = `import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      import { Readable } from 'node:stream'
      import { readFileSync } from 'node:fs'
      const [root, file] = process.argv.slice(1)
      const store = new ImageStore(root)
      process.stdout.write('ready')
      for (let n = 0; ; n++) {
        await store.importArchive('app:' + (n % 3), Readable.from([readFileSync(file)]), { changes: ['LABEL n=' + n] })
        await store.tag('app:' + (n % 3), 'tagged:' + (n % 2))
        if (n % 4 === 1) await store.remove('app:' + (n % 3), () => undefined)
        if (n % 4 === 2) await store.prune(() => false, { all: n % 8 === 2 })
      }`
    const file = join(world.directory, 'root.tar')
    writeFileSync(file, gzipSync(tarball('shared')))
    const whole = (): void => {
      for (const { id, reference } of world.store.list()) {
        const image = world.store.find(reference ?? id)
        expect(image?.layers.every((path) => readFileSync(join(path, 'file'), 'utf8') === 'shared')).toBe(true)
      }
    }
    for (let round = 0; round < 12; round++) {
      const child = spawnScript(script, join(world.directory, 'data'), file)
      const ended = new Promise((resolve) => child.on('close', resolve))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      await setTimeout(20 + round * 17)
      child.kill('SIGKILL')
      await ended
      whole()
      await importing(`after:${round}`, tarball('shared'))
      whole()
      expect(contents(world.store).tmp).toEqual([])
    }
    const used = await world.store.usage(() => false)
    const { reclaimed } = await world.store.prune(() => false, { all: true })
    expect(reclaimed).toBe(used.size)
    expectEmpty(world.store)
  })
})
