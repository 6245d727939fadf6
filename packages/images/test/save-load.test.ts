import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ImageStore } from '../src/index.ts'
import { archive, member } from './archive.ts'
import { digestOf, imageOf, layerOf, type TestLayer } from './registry-images.ts'
import { contents, expectEmpty, pieces, useStore } from './store.ts'

const world = useStore()
const tarball = () => archive(member({ name: 'file', content: randomBytes(50_000) }))
const importing = (name: string, data = tarball()) =>
  world.store.importArchive(name, pieces(data, 1 << 14), { changes: ['CMD ["x"]'] })
const fresh = (name = 'other') => new ImageStore(join(world.directory, name))
const saved = async (names: string[], format: 'docker-archive' | 'oci-archive' = 'docker-archive') => {
  const parts: Buffer[] = []
  await world.store.save(names, format, (bytes) => parts.push(Buffer.from(bytes)))
  return Buffer.concat(parts)
}
const load = (data: Buffer, store = world.store) => store.load(pieces(data, 5000))
const refusal = async (data: Buffer) => {
  const error = await load(data).then(
    () => expect.unreachable('nothing was thrown'),
    (thrown) => thrown,
  )
  expectEmpty(world.store)
  return error
}
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** As `docker save` wrote it up to version 24: plain layers in directories, the second one of an image that shares it a link. */
const dockerArchive = (
  layers: readonly TestLayer[],
  tags: string[],
  change: (config: object) => object = (config) => config,
) => {
  const config = json(change(JSON.parse(imageOf(layers).config.toString())))
  const id = digestOf(config).slice(7)
  return {
    id: `sha256:${id}`,
    data: archive(
      ...layers.map(({ tar }, index) => member({ name: `layer${index}/layer.tar`, content: tar })),
      member({ name: 'again/layer.tar', type: '2', link: '../layer0/layer.tar' }),
      member({ name: `${id}.json`, content: config }),
      member({
        name: 'manifest.json',
        content: json([
          {
            Config: `${id}.json`,
            RepoTags: tags,
            Layers: ['again/layer.tar', ...layers.slice(1).map((_, n) => `layer${n + 1}/layer.tar`)],
          },
        ]),
      }),
    ),
  }
}

describe('save and load', () => {
  it.each(['docker-archive', 'oci-archive'] as const)(
    '%s: what comes back is the same, names, digests and all',
    async (format) => {
      const one = await importing('one:1', gzipSync(tarball()))
      const two = await importing('host:5000/team/two:x')
      await world.store.tag('one:1', 'again:2')
      const data = await saved(['one:1', 'again:2', 'host:5000/team/two:x'], format)
      const store = fresh()
      const loaded = await load(data, store)
      expect(loaded.map(({ id, reference }) => [id, reference])).toEqual([
        [one.id, 'docker.io/library/one:1'],
        [one.id, 'docker.io/library/again:2'],
        [two.id, 'host:5000/team/two:x'],
      ])
      for (const { id } of [one, two]) {
        const [there, here] = [store, world.store].map((each) => join(each.find(id)?.layers[0] ?? '', 'file'))
        expect(readFileSync(there ?? '').equals(readFileSync(here ?? ''))).toBe(true)
      }
      expect(contents(store)).toEqual(contents(world.store))
    },
  )

  it('names nothing that was saved by its id', async () => {
    const { id } = await importing('one:1')
    const loaded = await load(await saved([id]), fresh())
    expect(loaded.map((image) => [image.id, image.reference])).toEqual([[id, undefined]])
    await expect(saved(['missing'])).rejects.toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
  })

  it.each([
    ['plain', (data: Buffer) => data],
    ['in gzip', (data: Buffer) => gzipSync(data)],
    ['in zstd', (data: Buffer) => zstdCompressSync(data)],
  ])('loads what older dockers wrote, %s', async (_, pack) => {
    const layers = [layerOf('below', 'x'), layerOf('above', randomBytes(9000))]
    const { id, data } = dockerArchive(layers, ['app:1', 'host:5000/app:2'])
    const loaded = await load(pack(data))
    expect(loaded.map(({ reference }) => reference)).toEqual(['docker.io/library/app:1', 'host:5000/app:2'])
    expect(loaded[0]?.id).toBe(id)
    expect(readdirSync(loaded[0]?.layers[0] ?? '')).toEqual(['above'])
    expect(contents(world.store).tmp).toEqual([])
    // And hands it on.
    expect((await load(await saved(['app:1']), fresh()))[0]?.id).toBe(id)
  })

  it('does not unpack again what it has', async () => {
    const layers = [layerOf('below', 'x'), layerOf('above', 'y')]
    const { data } = dockerArchive(layers, ['app:1'])
    await load(data)
    const before = contents(world.store)
    await load(data)
    expect(contents(world.store)).toEqual(before)
  })

  it.each([
    // Without the first member.
    [
      'a layer that is not there',
      () => [layerOf('a', 'x')],
      (data: Buffer) => data.subarray(512 + layerOf('a', 'x').tar.length),
      /lacks the layer sha256:/,
    ],
    ['no image archive', () => [], () => archive(member({ name: 'file' })), /no image archive/],
    ['a cut one', () => [layerOf('a', 'x')], (data: Buffer) => data.subarray(0, 3000), /cut off/],
    ['no archive at all', () => [], () => Buffer.from('hello'.repeat(500)), /not a tar archive/],
    ['nothing', () => [], () => Buffer.alloc(0), /empty/],
  ])('refuses %s', async (_, layers, damage, message) => {
    const { data } = dockerArchive(layers(), ['app:1'])
    const error = await refusal(damage(data))
    expect([error.code, error.message]).toEqual(['RT_ARCHIVE_CORRUPT', expect.stringMatching(message)])
  })

  it('refuses layers that are something else, more layers than there are, and configs that cannot be', async () => {
    const layers = [layerOf('a', 'x')]
    const other = (change: (config: object) => object) => refusal(dockerArchive(layers, ['app:1'], change).data)
    const ids =
      (...diff_ids: string[]) =>
      (config: object) => ({ ...config, rootfs: { type: 'layers', diff_ids } })
    expect((await other(ids(`sha256:${'a'.repeat(64)}`))).code).toBe('RT_ARCHIVE_CORRUPT')
    expect((await other(ids(digestOf(layers[0]?.tar as Buffer), `sha256:${'a'.repeat(64)}`))).code).toBe(
      'RT_ARCHIVE_CORRUPT',
    )
    expect((await other(ids('sha256:../../x'))).code).toBe('RT_IMAGE_INVALID')
    const named = dockerArchive(layers, ['Bad Name'])
    expect((await refusal(named.data)).code).toBe('RT_IMAGE_REFERENCE')
  })

  it('refuses a blob that is not what its digest says', async () => {
    await importing('one:1', gzipSync(tarball()))
    const data = await saved(['one:1'], 'oci-archive')
    const [id = ''] = world.store.list().map((image) => image.id)
    await world.store.remove(id, () => undefined)
    const at = data.indexOf(Buffer.from([0x1f, 0x8b]))
    data[at + 3000] = (data[at + 3000] ?? 0) ^ 1
    expect((await refusal(data)).code).toBe('RT_ARCHIVE_CORRUPT')
  })

  it('leads nowhere with its paths and links', async () => {
    const layers = [layerOf('a', 'x')]
    const { data } = dockerArchive(layers, ['app:1'])
    const evil = archive(
      member({ name: '../../evil', content: 'evil' }),
      member({ name: 'link', type: '2', link: '/etc/passwd' }),
      member({ name: 'link/evil', content: 'evil' }),
      member({ name: 'manifest.json', content: json([{ Config: '/etc/passwd', RepoTags: [], Layers: [] }]) }),
    )
    expect((await refusal(evil)).message).toContain('lacks "/etc/passwd"')
    expect(readdirSync(world.directory)).toEqual(['data'])
    expect((await load(data))[0]?.layers).toHaveLength(1)
  })
})

describe('other tools', () => {
  const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
  const copy = (from: string, to: string): void => {
    execFileSync('skopeo', ['copy', '-q', '--insecure-policy', from, to], { cwd: world.directory, stdio: 'pipe' })
  }

  it('skopeo reads what we save, and we what it writes', async ({ skip }) => {
    if (!has('skopeo')) skip('skopeo is not installed')
    const image = await importing('app:1')
    for (const format of ['docker-archive', 'oci-archive'] as const) {
      writeFileSync(join(world.directory, format), await saved(['app:1'], format))
      copy(`${format}:${format}`, `dir:dir-${format}`)
      const manifest = JSON.parse(readFileSync(join(world.directory, `dir-${format}`, 'manifest.json'), 'utf8'))
      expect(manifest.config.digest).toBe(image.id)
      copy(`dir:dir-${format}`, `${format}:back-${format}:docker.io/library/back:1`)
      const [back] = await fresh(`store-${format}`).load(createReadStream(join(world.directory, `back-${format}`)))
      expect([back?.reference, back?.config.config?.Cmd]).toEqual(['docker.io/library/back:1', ['x']])
      expect(back?.id).toBe(image.id)
    }
  })

  /** Podman or buildah, with a store below the test's directory. */
  const withOwnStore =
    (program: string) =>
    (...words: string[]): string => {
      const [root, runRoot] = [join(world.directory, 'p'), join(world.directory, 'pr')]
      return execFileSync(program, ['--root', root, '--runroot', runRoot, '--storage-driver=vfs', ...words], {
        cwd: world.directory,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim()
    }

  it('podman loads what we save, and we what it saves', async ({ skip }) => {
    if (!has('podman')) skip('podman is not installed')
    const image = await importing('app:1')
    const podman = withOwnStore('podman')
    for (const format of ['docker-archive', 'oci-archive'] as const) {
      writeFileSync(join(world.directory, format), await saved(['app:1'], format))
      expect(podman('load', '-q', '-i', format)).toContain('docker.io/library/app:1')
      expect(podman('image', 'inspect', '--format', '{{.Id}}', 'docker.io/library/app:1')).toBe(image.id.slice(7))
      podman('save', '-q', '--format', format, '-o', `out-${format}`, 'docker.io/library/app:1')
      const [back] = await fresh(`store-${format}`).load(createReadStream(join(world.directory, `out-${format}`)))
      expect(back?.reference).toBe('docker.io/library/app:1')
      expect(
        readFileSync(join(back?.layers[0] ?? '', 'file')).equals(readFileSync(join(image.layers[0], 'file'))),
      ).toBe(true)
      podman('rmi', '-f', 'docker.io/library/app:1')
    }
  })

  it('buildah\u2019s images load', async ({ skip }) => {
    if (!has('buildah')) skip('buildah is not installed')
    const buildah = withOwnStore('buildah')
    const from = buildah('from', 'scratch')
    mkdirSync(join(world.directory, 'tree'))
    writeFileSync(join(world.directory, 'tree/hello'), 'hello')
    buildah('copy', '-q', from, 'tree', '/')
    buildah('config', '--cmd', '["/hello"]', '--label', 'a=b', from)
    buildah('commit', '-q', from, 'oci-archive:built:localhost/built:1')
    const [image] = await world.store.load(createReadStream(join(world.directory, 'built')))
    expect(image?.reference).toBe('localhost/built:1')
    expect(image?.config.config).toMatchObject({ Labels: { a: 'b' } })
    expect(readFileSync(join(image?.layers[0] ?? '', 'hello'), 'utf8')).toBe('hello')
  })
})

it('an archive is the same whenever it is written', async () => {
  await importing('one:1')
  expect((await saved(['one:1'])).equals(await saved(['one:1']))).toBe(true)
})
