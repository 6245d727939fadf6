import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ImageStore, type LayerProgress } from '../src/index.ts'
import { type Middleman, noRegistry, type TestRegistry, useRegistry } from './registry.ts'
import { digestOf, imageOf, layerOf, type Made, type TestLayer, upload, uploadIndex } from './registry-images.ts'
import { contents, spawnScript, useStore } from './store.ts'

const world = useStore()
const free = (): undefined => undefined
/** So much that layers are unpacked in threads; what is small is pulled by the tests of pushing and of killing. */
const BIG = 9 << 20

/** Whether somebody waits for the lock of that inode: proc(5), /proc/locks. */
const isWaitedFor = (inode: number): boolean =>
  readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .some((line) => line.includes('->') && line.includes(`:${inode} `))

describe.skipIf(noRegistry)('pull', () => {
  let registry: TestRegistry
  let man: Middleman
  useRegistry((...made) => {
    ;[registry, man] = made
  })

  /** Two layers, the upper one of them large. */
  const make = (packing: TestLayer['packing'] = '+gzip'): TestLayer[] => [
    layerOf('below', randomBytes(4000), packing),
    layerOf('above', randomBytes(BIG), packing),
  ]
  const put = (name: string, layers: TestLayer[], made: Made = imageOf(layers)) =>
    upload(registry.host, name, '1', layers, made)
  const pull = (name: string, options = {}) => world.store.pull(`${man.host}/${name}`, options)
  const rejection = async (work: Promise<unknown>) => {
    const before = contents(world.store)
    const error = await work.then(
      () => expect.unreachable('nothing was thrown'),
      (thrown) => thrown,
    )
    const { references, configs } = contents(world.store)
    expect({ references, configs }).toEqual({ references: before.references, configs: before.configs })
    return error
  }
  const fetching = () => (existsSync(world.store.layout.fetch) ? readdirSync(world.store.layout.fetch) : [])

  it.each([
    ['OCI, gzip', '+gzip', false],
    ['OCI, zstd', '+zstd', false],
    ['OCI, not compressed', '', false],
    ['schema 2, gzip', '+gzip', true],
  ] as const)('fetches, verifies and unpacks: %s', async (_, packing, docker) => {
    const layers = make(packing)
    const made = imageOf(layers, { docker })
    const digest = await put('app', layers, made)
    const pulled = await pull('app:1')
    expect(pulled).toMatchObject({ digest, fetched: 2, upToDate: false })
    expect(pulled.image.id).toBe(digestOf(made.config))
    expect(pulled.image.config.config?.Cmd).toEqual(['/bin/x'])
    expect(statSync(join(pulled.image.layers[0], 'above')).size).toBe(BIG)
    expect(world.store.find(`${man.host}/app:1`)).toEqual(pulled.image)
    for (const data of [made.manifest, made.config, ...layers.map(({ blob }) => blob)])
      expect(readFileSync(world.store.layout.blob(digestOf(data).slice(7))).equals(data)).toBe(true)
    expect(fetching()).toEqual([])
    expect(contents(world.store).tmp).toEqual([])
  })

  it('fetches nothing again: neither with the same tag, nor under another name', async () => {
    const layers = make()
    await put('app', layers)
    await pull('app:1')
    man.seen.length = 0
    expect(await pull('app:1')).toMatchObject({ fetched: 0, upToDate: true })
    expect(man.seen.map(({ method, bytes }) => [method, bytes > 2])).toEqual([
      ['GET', false],
      ['HEAD', false],
    ])
    const more = [...layers, layerOf('third', 'x')]
    await put('other', more)
    expect(await pull('other:1')).toMatchObject({ fetched: 1, upToDate: false })
    // Its config and its own layer.
    expect(man.blobs()).toHaveLength(2)
  })

  it('follows a tag that has moved, and keeps what it meant before by its id', async () => {
    await put('app', make())
    const first = await pull('app:1')
    await put('app', make())
    const second = await pull('app:1')
    expect(second.image.id).not.toBe(first.image.id)
    expect(world.store.find(first.image.id)?.layers).toEqual(first.image.layers)
    expect(world.store.find(`${man.host}/app:1`)?.id).toBe(second.image.id)
  })

  it('pulls by digest, and refuses what is something else', async () => {
    const digest = await put('app', make())
    const { image } = await pull(`app@${digest}`)
    expect(world.store.find(`${man.host}/app@${digest}`)).toEqual(image)
    await world.store.remove(image.id, free)
    man.meddle = {
      piece: (_seen, piece) => Buffer.from(piece.toString('latin1').replace('config', 'CONFIG'), 'latin1'),
    }
    expect((await rejection(pull(`app@${digest}`))).code).toBe('RT_REGISTRY_DIGEST')
    expect((await rejection(pull('app:1'))).code).toBe('RT_REGISTRY_DIGEST')
  })

  it('chooses from an index: this machine, another one that is asked for, and none that is not there', async () => {
    const made = await Promise.all(
      (['amd64', 'arm64', 's390x'] as const).map(async (architecture) => {
        const layers = [layerOf('arch', architecture)]
        const one = imageOf(layers, { architecture })
        await upload(registry.host, 'multi', architecture, layers, one)
        return { ...one, platform: { os: 'linux', architecture } }
      }),
    )
    const digest = await uploadIndex(registry.host, 'multi', '1', made)
    const arm = await pull('multi:1', { platform: 'linux/arm64' })
    expect(arm.digest).toBe(digest)
    expect(readFileSync(join(arm.image.layers[0], 'arch'), 'utf8')).toBe('arm64')
    const own = await pull('multi:1')
    expect(own.upToDate).toBe(false)
    expect(readFileSync(join(own.image.layers[0], 'arch'), 'utf8')).toBe(
      { x64: 'amd64', arm64: 'arm64', s390x: 's390x' }[process.arch as 'x64'],
    )
    const error = await rejection(pull('multi:1', { platform: 'linux/riscv64' }))
    expect([error.code, error.remedy]).toEqual([
      'RT_IMAGE_PLATFORM',
      'It is there for linux/amd64, linux/arm64, linux/s390x: use --platform.',
    ])
    expect((await rejection(pull('multi:1', { platform: 'arm64' }))).code).toBe('RT_USAGE')
    const warnings: string[] = []
    await pull('multi:s390x', { onWarning: (text: string) => warnings.push(text) })
    if (process.arch !== 's390x') expect(warnings[0]).toMatch(/is made for linux\/s390x, not for linux\//)
  })

  it('goes on where a cut connection left off', async () => {
    const layers = make()
    await put('app', layers)
    let cuts = 0
    man.meddle = { piece: (seen, piece, at) => (seen.status < 300 && at > 600_000 && cuts++ < 3 ? undefined : piece) }
    const pulled = await pull('app:1')
    expect(pulled.fetched).toBe(2)
    expect(statSync(join(pulled.image.layers[0], 'above')).size).toBe(BIG)
    const large = man.blobs().filter(({ url }) => url.endsWith(digestOf(layers[1]?.blob as Buffer)))
    expect(large.map(({ status }) => status)).toEqual([200, 206, 206, 206])
    for (const { headers } of large.slice(1))
      expect(Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1])).toBeGreaterThan(400_000)
    // Not restarted: together hardly more than the layer.
    expect(large.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(BIG * 1.3)
  })

  it('goes on where an attempt that gave up left off, and takes the layers that were whole', async () => {
    const layers = make()
    await put('app', layers)
    man.meddle = {
      piece: (seen, piece, at) =>
        seen.bytes + piece.length > 500_000 || (seen.headers.range && at >= 0) ? undefined : piece,
    }
    expect((await rejection(pull('app:1'))).code).toBe('RT_REGISTRY_UNREACHABLE')
    expect(fetching()).toHaveLength(2)
    man.meddle = {}
    man.seen.length = 0
    expect((await pull('app:1')).fetched).toBe(1)
    expect(man.blobs().filter(({ status }) => status === 206)).toHaveLength(1)
    expect(fetching()).toEqual([])
  })

  it('starts again where the beginning of last time was damaged meanwhile', async () => {
    const layers = make()
    await put('app', layers)
    man.meddle = { piece: (seen, piece, at) => (at > 500_000 || seen.headers.range ? undefined : piece) }
    await rejection(pull('app:1'))
    const [partial = ''] = fetching().filter((name) => !name.endsWith('.lock'))
    const file = join(world.store.layout.fetch, partial)
    writeFileSync(file, readFileSync(file).fill(0, 1000, 2000))
    man.meddle = {}
    expect((await pull('app:1')).fetched).toBe(1)
  })

  it('takes a registry that does not know Range', async () => {
    const layers = make()
    await put('app', layers)
    let cut = false
    man.meddle = {
      answer: (request) => {
        delete request.headers.range
        return false
      },
      piece: (_seen, piece, at) => {
        if (at < 600_000 || cut) return piece
        cut = true
        return undefined
      },
    }
    const pulled = await pull('app:1')
    expect(statSync(join(pulled.image.layers[0], 'above')).size).toBe(BIG)
  })

  it('asks again where a refusal may pass, and not where it will not', async () => {
    await put('app', make())
    let refusals = 0
    const refuse = (status: number, times: number) => ({
      answer: (request: { url?: string }, response: { writeHead: (status: number) => { end: () => void } }) => {
        if (!request.url?.includes('/blobs/') || refusals >= times) return false
        refusals++
        response.writeHead(status).end()
        return true
      },
    })
    man.meddle = refuse(503, 2)
    expect((await pull('app:1')).fetched).toBe(2)
    await put('app', make())
    refusals = 0
    man.meddle = refuse(500, 100)
    const error = await rejection(pull('app:1'))
    expect([error.code, error.message]).toEqual(['RT_REGISTRY_REFUSED', expect.stringContaining('HTTP 500')])
    expect(refusals).toBe(1)
  })

  it.each([
    [
      'in the middle',
      (piece: Buffer, at: number) => (at > 1_000_000 && at < 1_100_000 ? Buffer.from(piece).fill(7) : piece),
    ],
    ['in its first byte', (piece: Buffer, at: number) => (at === 0 ? Buffer.from(piece).fill(0, 0, 1) : piece)],
  ])('refuses a layer that is damaged %s, and keeps nothing of it', async (_, damage) => {
    const layers = make()
    await put('app', layers)
    const [small, large] = layers.map(({ blob }) => digestOf(blob)) as [string, string]
    man.meddle = { piece: (seen, piece, at) => (seen.url.endsWith(large) ? damage(piece, at) : piece) }
    const error = await rejection(pull('app:1'))
    expect([error.code, error.message]).toEqual(['RT_REGISTRY_DIGEST', expect.stringContaining(large)])
    expect(fetching().filter((name) => name.includes(large.slice(7)))).toEqual([])
    expect(contents(world.store).blobs?.filter((name) => name !== small.slice(7))).toEqual([])
    expect(contents(world.store).tmp).toEqual([])
  })

  it('refuses a layer that is whole and not what the image names', async () => {
    const [one, two] = make() as [TestLayer, TestLayer]
    const made = imageOf([{ ...one, tar: Buffer.from('something else') }, two])
    await put('app', [one, two], made)
    expect(await rejection(pull('app:1'))).toMatchObject({
      code: 'RT_REGISTRY_INVALID',
      message: expect.stringContaining('which the image names'),
    })
  })

  it.each([
    [
      'a layer id that is a path',
      { rootfs: { type: 'layers', diff_ids: ['sha256:../../../../etc'] } },
      'RT_IMAGE_INVALID',
    ],
    ['no layers', { rootfs: { type: 'layers', diff_ids: [] } }, 'RT_IMAGE_INVALID'],
    [
      'more layers than it has',
      { rootfs: { type: 'layers', diff_ids: Array(3).fill(`sha256:${'a'.repeat(64)}`) } },
      'RT_REGISTRY_INVALID',
    ],
    ['a command that is no list', { config: { Cmd: 'sh' } }, 'RT_IMAGE_INVALID'],
    ['an environment of numbers', { config: { Env: [1] } }, 'RT_IMAGE_INVALID'],
  ])('refuses a config with %s', async (_, wrong, code) => {
    const layers = make()
    const made = imageOf(layers)
    const config = Buffer.from(JSON.stringify({ ...JSON.parse(made.config.toString()), ...wrong }))
    const manifest = JSON.parse(made.manifest.toString())
    manifest.config = { ...manifest.config, digest: digestOf(config), size: config.length }
    await put('bad', layers, { ...made, config, manifest: Buffer.from(JSON.stringify(manifest)) })
    expect((await rejection(pull('bad:1'))).code).toBe(code)
  })

  it.each([
    ['no JSON', 'hello', 'RT_REGISTRY_INVALID'],
    ['the format of before 2017', '{"schemaVersion":1,"fsLayers":[]}', 'RT_IMAGE_INVALID'],
    [
      'manifest and index in one (CVE-2021-41190)',
      '{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}',
      'RT_REGISTRY_INVALID',
    ],
    [
      'a digest that is a path',
      '{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:../../x","size":1},"layers":[]}',
      'RT_REGISTRY_INVALID',
    ],
  ])('refuses a manifest that is %s', async (_, text, code) => {
    man.meddle = {
      answer: (request, response) => {
        if (!request.url?.includes('/manifests/')) return false
        response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end(text)
        return true
      },
    }
    expect((await rejection(pull('odd:1'))).code).toBe(code)
  })

  it('says what is not there, and where it looked: the mirrors too, which come first', async () => {
    expect(await rejection(pull('missing:1'))).toMatchObject({
      code: 'RT_IMAGE_UNKNOWN',
      message: expect.stringContaining(man.host),
    })
    const dead = '127.0.0.1:1'
    const gone = await rejection(world.store.pull(`${dead}/app`))
    expect([gone.code, gone.message]).toEqual([
      'RT_REGISTRY_UNREACHABLE',
      `The registry ${dead} cannot be reached: nothing listens there.`,
    ])
    const layers = make()
    await put('library/app', layers)
    const registries = { 'docker.io': { mirrors: [`http://${dead}`, `http://${man.host}`] } }
    expect((await world.store.pull('app:1', { registries })).image.reference).toBe('docker.io/library/app:1')
    const nowhere = await rejection(
      world.store.pull(`${dead}/other`, { registries: { [dead]: { mirrors: [man.host] } } }),
    )
    expect(nowhere.code).toBe('RT_REGISTRY_UNREACHABLE')
    expect(nowhere.message).toContain(man.host)
    expect(nowhere.message).toContain(dead)
  })

  it.each(['https', 'http'])(
    'gives up soon on a registry that does not answer: %s',
    async (scheme) => {
      const { createServer } = await import('node:net')
      const server = createServer(() => {})
      const held: { destroy(): void }[] = []
      server.on('connection', (socket) => held.push(socket))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      // TLS is never agreed on, or a request never answered. Without limits of their own these are waited for as long as for one that falls
      // silent: longer than this test.
      const error = await rejection(
        world.store.pull('127.0.0.1:1/x', {
          registries: { '127.0.0.1:1': { mirrors: [`${scheme}://127.0.0.1:${port}`] } },
        }),
      )
      expect(error.message).toContain('it does not answer')
      for (const socket of held) socket.destroy()
      server.close()
    },
    45_000,
  )

  it('on a disk that is full: says so, and leaves nothing behind', async () => {
    const layers = [
      layerOf('small', randomBytes(5000)),
      layerOf('zeros', Buffer.alloc(12 << 20)),
      layerOf('more', randomBytes(BIG)),
    ]
    await put('app', layers)
    const code = `import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      await new ImageStore(process.argv[1]).pull(process.argv[2]).then(() => console.log('pulled'), (error) => console.log(error.code))`
    const shell = `mount --make-rprivate / && mount -t tmpfs -o size=8m small "$1"
      "$2" --conditions=@rt/source --input-type=module -e "$3" "$1" "$4"
      find "$1/images" -type f ! -name lock`
    const place = join(world.directory, 'disk')
    mkdirSync(place)
    // Its namespace for mounts is its own; the network, on which the registry is, is not.
    const child = spawn('unshare', [
      '-m',
      'bash',
      // Its input is a socket, and so it takes itself for one that was started from afar, and would read the user's bashrc.
      '--norc',
      '-euc',
      shell,
      'bash',
      place,
      process.execPath,
      code,
      `${man.host}/app:1`,
    ])
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text += data
      })
    await new Promise((resolve) => child.on('close', resolve))
    expect(text).toBe('RT_DISK_FULL\n')
  })

  it('tells how far each layer is', async () => {
    const layers = make()
    await put('app', layers)
    const told: LayerProgress[] = []
    await pull('app:1', { onProgress: (progress: LayerProgress) => told.push(progress) })
    const large = told.filter(({ digest }) => digest === digestOf(layers[1]?.blob as Buffer))
    expect(large.at(-1)).toMatchObject({ state: 'done', bytes: layers[1]?.blob.length, total: layers[1]?.blob.length })
    const states = large.map(({ state }) => state)
    expect(states.filter((state) => state === 'fetching').length).toBeGreaterThan(3)
    expect(states.slice(-2)).toEqual(['unpacking', 'done'])
  })

  it('two at once, in one process, fetch each shared layer once', async () => {
    const layers = make()
    await put('one', layers)
    await put('two', [...layers, layerOf('third', 'x')])
    const [one, two] = await Promise.all([pull('one:1'), pull('two:1')])
    expect(one.fetched + two.fetched).toBe(3)
    // Three layers and two configs.
    expect(man.blobs()).toHaveLength(5)
    expect(two.image.layers.slice(1)).toEqual(one.image.layers)
  })

  const script = `import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    const { image, fetched } = await new ImageStore(process.argv[1]).pull(process.argv[2])
    console.log(fetched)`
  const start = (name: string) => {
    const child = spawnScript(script, join(world.directory, 'data'), `${man.host}/${name}`)
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text += data
      })
    return {
      child,
      ended: new Promise<string>((resolve) => child.on('close', (code) => resolve(`${code} ${text.trim()}`))),
    }
  }

  it('two processes at once fetch each shared layer once', async () => {
    const layers = make()
    await put('one', layers)
    await put('two', [...layers, layerOf('third', 'x')])
    const results = await Promise.all(['one:1', 'two:1'].map((name) => start(name).ended))
    expect(
      results.map((text) => Number(/^0 (\d)$/.exec(text)?.[1])).reduce((sum, n) => sum + n, 0),
      results.join(),
    ).toBe(3)
    expect(man.blobs()).toHaveLength(5)
    expect(world.store.list()).toHaveLength(2)
  })

  it('killed at any moment leaves a store in which the next pull works, and goes on where it was', async () => {
    const layers = [...make(), layerOf('more', randomBytes(BIG))]
    await put('app', layers)
    man.meddle = { piece: (_seen, piece) => piece }
    for (const after of [150, 250, 350, 450]) {
      const { child, ended } = start('app:1')
      await setTimeout(after)
      child.kill('SIGKILL')
      await ended
      for (const { id } of world.store.list())
        expect(world.store.find(id)?.layers.every((path) => existsSync(path))).toBe(true)
    }
    const { image } = await pull('app:1')
    expect(image.layers.every((path) => existsSync(path))).toBe(true)
    // Where the last one was killed after the image was there, its workspace goes with the next that writes to the store.
    expect(contents(world.store)).toMatchObject({ layers: { length: 6 } })
    await world.store.remove(`${man.host}/app:1`, free)
    expect(contents(world.store)).toMatchObject({ tmp: [], layers: [], blobs: [] })
    expect(fetching()).toEqual([])
  })

  it('who waits for another process takes over where that one was killed', async () => {
    const layers = make()
    await put('app', layers)
    const large = digestOf(layers[1]?.blob as Buffer)
    const arrived = Promise.withResolvers<void>()
    man.meddle = {
      piece: (seen, piece, at) => {
        if (seen.url.endsWith(large) && at > 1_000_000 && seen.headers.range === undefined) {
          // Nothing more comes of it: whoever fetches it waits, and whoever waits for him too.
          arrived.resolve()
          return Buffer.alloc(0)
        }
        return piece
      },
    }
    const first = start('app:1')
    await arrived.promise
    const second = start('app:1')
    const { ino } = statSync(join(world.store.layout.fetch, `${digestOf(layers[1]?.tar as Buffer).slice(7)}.lock`))
    while (!isWaitedFor(ino)) await setTimeout(10)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await second.ended).toBe('0 1')
    const fetches = man.blobs().filter(({ url }) => url.endsWith(large))
    expect(fetches.map(({ status }) => status)).toEqual([200, 206])
  })

  it('a pull keeps what it counts on while another process removes images', async () => {
    const layers = make()
    await put('one', layers)
    await put('two', [...layers, layerOf('third', randomBytes(BIG))])
    await pull('one:1')
    let removed: Promise<unknown> | undefined
    const other = new ImageStore(join(world.directory, 'data'))
    man.meddle = {
      piece: (seen, piece, at) => {
        if (at > 1_000_000 && seen.url.includes('/two/')) removed ??= other.remove(`${man.host}/one:1`, free)
        return piece
      },
    }
    const { image } = await pull('two:1')
    await removed
    expect(removed).toBeDefined()
    expect(image.layers.every((path) => existsSync(path))).toBe(true)
    expect(contents(world.store).layers).toHaveLength(6)
  })
})
