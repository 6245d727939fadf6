import fs, { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { RtError } from '@rt/driver-api'
import { lock } from '@rt/native'
import { describe, expect, it, vi } from 'vitest'
import { ImageStore } from '../src/index.ts'
import { archive, member } from './archive.ts'
import { contents, expectEmpty, pieces, spawnScript, useStore } from './store.ts'

const world = useStore()
const free = (): undefined => undefined

const tarball = (content: string): Buffer => archive(member({ name: 'file', content }))
const importing = (name: string, content: string, changes: string[] = []) =>
  world.store.importArchive(name, pieces(tarball(content)), { changes })

const refusal = (work: () => unknown): RtError => {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(RtError)
    return error as RtError
  }
  throw new Error('nothing was thrown')
}

const rejection = (work: Promise<unknown>): Promise<RtError> =>
  work.then(
    () => expect.unreachable('nothing was thrown'),
    (error: RtError) => error,
  )

describe('looking up', () => {
  it('finds nothing where no store is, and makes none', () => {
    expect(world.store.find('busybox')).toBeUndefined()
    expect(world.store.list()).toEqual([])
    expect(existsSync(world.store.layout.base)).toBe(false)
  })

  it('finds by every form of the name, by id and by the beginning of an id', async () => {
    const image = await importing('app', 'x')
    const hex = image.id.slice('sha256:'.length)
    for (const text of ['app', 'app:latest', 'docker.io/library/app', 'docker.io/app:latest']) {
      expect(world.store.find(text)).toEqual(image)
    }
    for (const text of [hex, image.id, hex.slice(0, 12), `sha256:${hex.slice(0, 8)}`]) {
      expect(world.store.find(text)).toEqual({ ...image, reference: undefined })
    }
    expect(world.store.find('app:other')).toBeUndefined()
    expect(readFileSync(join(image.layers[0], 'file'), 'utf8')).toBe('x')
  })

  it('reads at most two files', async () => {
    await importing('app', 'x')
    const read = vi.spyOn(fs, 'readFileSync')
    const others = (['openSync', 'readdirSync', 'statSync', 'existsSync'] as const).map((name) => vi.spyOn(fs, name))
    syncBuiltinESMExports()
    try {
      world.store.find('app')
      expect(read).toHaveBeenCalledTimes(2)
      for (const other of others) expect(other).not.toHaveBeenCalled()
    } finally {
      vi.restoreAllMocks()
      syncBuiltinESMExports()
    }
  })

  it('suggests a name that is near', async () => {
    await importing('busybox', 'x')
    const near = refusal(() => world.store.require('busybxo'))
    expect([near.code, near.message]).toEqual([
      'RT_IMAGE_UNKNOWN',
      'No image "busybxo" is in the store; did you mean "busybox:latest"?',
    ])
    expect(refusal(() => world.store.require('postgres')).message).toBe('No image "postgres" is in the store.')
    expect(refusal(() => world.store.require('No:no')).code).toBe('RT_IMAGE_REFERENCE')
  })

  it('takes names as long as they may be', async () => {
    const name = `host.example/${'a'.repeat(240)}:${'t'.repeat(128)}`
    const other = `${name.slice(0, -1)}u`
    const image = await importing(name, 'x')
    expect(world.store.find(name)?.id).toBe(image.id)
    expect(world.store.find(other)).toBeUndefined()
    expect(world.store.list()[0]?.reference).toBe(name)
  })
})

describe('the config', () => {
  it('carries the changes, as Docker writes them', async () => {
    const image = await importing('app', 'x', [
      'CMD ["run", "-v"]',
      'entrypoint echo $HOME',
      'ENV A=1 B="two words" C=it\\ s',
      'ENV A 3',
      'EXPOSE 80 53/udp',
      'LABEL "a.b"=c d="e=f"',
      'USER www-data:33',
      'WORKDIR /srv',
      'WORKDIR app',
      'VOLUME /data /more',
      'STOPSIGNAL SIGQUIT',
      'HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 --start-period=0s CMD curl -f "http://localhost/" || exit 1',
      'ONBUILD RUN make',
      'onbuild COPY . /src',
    ])
    expect(image.config.config).toEqual({
      Cmd: ['run', '-v'],
      Entrypoint: ['/bin/sh', '-c', 'echo $HOME'],
      Env: ['A=3', 'B=two words', 'C=it s'],
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Labels: { 'a.b': 'c', d: 'e=f' },
      User: 'www-data:33',
      WorkingDir: '/srv/app',
      Volumes: { '/data': {}, '/more': {} },
      StopSignal: 'SIGQUIT',
      Healthcheck: {
        Test: ['CMD-SHELL', 'curl -f "http://localhost/" || exit 1'],
        Interval: 90e9,
        Timeout: 1.5e9,
        Retries: 3,
      },
      OnBuild: ['RUN make', 'COPY . /src'],
    })
    expect(image.config.os).toBe('linux')
  })

  it.each<[string, unknown]>([
    ['HEALTHCHECK NONE', { Test: ['NONE'] }],
    ['HEALTHCHECK CMD ["/check", "-q"]', { Test: ['CMD', '/check', '-q'] }],
    [
      'healthcheck --start-interval=250ms --start-period=1h cmd /check --retries=2',
      { Test: ['CMD-SHELL', '/check --retries=2'], StartInterval: 25e7, StartPeriod: 36e11 },
    ],
  ])('has the health check of %s', async (change, expected) => {
    expect((await importing('app', 'x', [change])).config.config?.Healthcheck).toEqual(expected)
  })

  it.each([
    ...[
      'HEALTHCHECK',
      'HEALTHCHECK CMD',
      'HEALTHCHECK CMD []',
      'HEALTHCHECK NONE x',
      'HEALTHCHECK curl',
      'HEALTHCHECK --retries=1',
    ],
    ...['--interval=5', '--interval=1us', '--interval', '--retries=-1', '--often=1s'].map(
      (flag) => `HEALTHCHECK ${flag} CMD x`,
    ),
    ...['ONBUILD FROM scratch', 'ONBUILD ONBUILD RUN x', 'ONBUILD'],
    ...['RUN rm -rf /', 'CMD', 'CMD ["x"', 'CMD [1]', 'ENV =', 'EXPOSE http', 'nonsense'],
  ])('refuses %s', async (change) => {
    await expect(importing('app', 'x', [change])).rejects.toMatchObject({ code: 'RT_USAGE' })
    expectEmpty(world.store)
  })
})

describe('removing', () => {
  it('keeps a layer as long as an image has it', async () => {
    const one = await importing('one', 'shared', ['CMD ["1"]'])
    const two = await importing('two', 'shared', ['CMD ["2"]'])
    expect(one.layers).toEqual(two.layers)
    expect(await world.store.remove('one', free)).toEqual({
      untagged: ['docker.io/library/one:latest'],
      deleted: [one.id],
    })
    expect(readFileSync(join(two.layers[0], 'file'), 'utf8')).toBe('shared')
    expect(await world.store.remove('two', free)).toEqual({
      untagged: ['docker.io/library/two:latest'],
      deleted: [two.id, ...two.config.rootfs.diff_ids],
    })
    expectEmpty(world.store)
  })

  it('refuses what a container uses, and leaves it whole', async () => {
    const image = await importing('app', 'x')
    const before = contents(world.store)
    const error = await rejection(world.store.remove('app', (id) => (id === image.id ? 'web' : undefined)))
    expect([error.code, error.remedy]).toEqual(['RT_IMAGE_IN_USE', 'Remove the container first: rt rm web'])
    expect(contents(world.store)).toEqual(before)
    expect((await rejection(world.store.remove('missing', free))).code).toBe('RT_IMAGE_UNKNOWN')
  })

  it('keeps an image whose name went to another one, without a name, and removes it by id', async () => {
    const old = await importing('app', 'old')
    const young = await importing('app', 'young')
    expect(world.store.find('app')?.id).toBe(young.id)
    expect(world.store.list().map(({ id, reference }) => [id, reference])).toEqual([
      [young.id, 'docker.io/library/app:latest'],
      [old.id, undefined],
    ])
    expect(world.store.list()[1]?.size).toBe(4096)
    expect((await world.store.remove(old.id, free)).deleted).toEqual([old.id, ...old.config.rootfs.diff_ids])
    expect(world.store.list()).toHaveLength(1)
  })
})

describe('at the same time and after a crash', () => {
  it('two imports of one name both succeed, and the name means one of them', async () => {
    const [one, two] = await Promise.all([importing('app', 'x', ['CMD ["1"]']), importing('app', 'x', ['CMD ["2"]'])])
    expect(one.id).not.toBe(two.id)
    expect([one.id, two.id]).toContain(world.store.find('app')?.id)
    expect(contents(world.store)).toMatchObject({ tmp: [], layers: [expect.any(String), expect.any(String)] })
  })

  it('imports and removals of a shared layer from several processes leave a whole store', async () => {
    const file = join(world.directory, 'root.tar')
    writeFileSync(file, tarball('shared'))
    const script = `import { createReadStream } from 'node:fs'
      import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      const [root, file, name] = process.argv.slice(1)
      const store = new ImageStore(root)
      for (let n = 0; n < 5; n++) {
        const { layers } = await store.importArchive(name, createReadStream(file), { changes: ['LABEL n=' + name + n] })
        // Only its own: another process's may be nameless for no more than the moment before its name is written.
        for (const { id, reference } of store.list())
          if (reference === undefined && store.find(id)?.config.config?.Labels?.n.startsWith(name)) await store.remove(id, () => undefined)
        const { readFileSync } = process.getBuiltinModule('node:fs')
        if (readFileSync(store.require(name).layers[0] + '/file', 'utf8') !== 'shared') throw new Error('torn')
        await store.remove(name, () => undefined)
      }`
    const run = async (name: string): Promise<string> => {
      const child = spawnScript(script, join(world.directory, 'data'), file, name)
      let text = ''
      child.stderr.on('data', (data) => {
        text += data
      })
      return new Promise((resolve) => child.on('close', (code) => resolve(`${code}${text}`)))
    }
    expect(await Promise.all(['a', 'b', 'c'].map(run))).toEqual(['0', '0', '0'])
    expectEmpty(world.store)
  })

  it('clears away what a killed import left, and not what a living one has', async () => {
    await importing('app', 'x')
    const { tmp, layers } = world.store.layout
    mkdirSync(join(tmp, 'dead', 'root', 'deep'), { recursive: true })
    writeFileSync(join(tmp, 'dead.lock'), '')
    mkdirSync(join(tmp, 'alive'))
    const held = lock(join(tmp, 'alive.lock'))
    const orphan = 'e'.repeat(64)
    mkdirSync(join(layers, orphan))
    writeFileSync(join(layers, `${orphan}.json`), '{}')
    writeFileSync(join(layers, `${'f'.repeat(64)}.json`), '{}')
    await importing('other', 'y')
    expect(contents(world.store)).toMatchObject({ tmp: ['alive', 'alive.lock'], layers: { length: 4 } })
    held.release()
    await world.store.remove('other', free)
    expect(contents(world.store)).toMatchObject({ tmp: [], layers: { length: 2 } })
  })

  it('survives kill -9 in the middle of an import', async () => {
    await importing('app', 'x')
    const script = `import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      await new ImageStore(process.argv[1]).importArchive('app', process.stdin)`
    const child = spawnScript(script, join(world.directory, 'data'))
    const ended = new Promise((resolve) => child.on('close', resolve))
    // Killed with bytes in the pipe, it answers the rest with one of these.
    child.stdin.on('error', (error) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^(?:EPIPE|ECONNRESET)$/) }),
    )
    child.stdin.write(archive(member({ name: 'half', content: Buffer.alloc(1 << 20) })).subarray(0, 700_000))
    while ((contents(world.store).tmp?.length ?? 0) < 2) await setTimeout(10)
    expect(contents(world.store).tmp).toHaveLength(2)
    child.kill('SIGKILL')
    await ended
    expect(new ImageStore(join(world.directory, 'data')).require('app').config.rootfs.diff_ids).toHaveLength(1)
    await importing('next', 'y')
    expect(contents(world.store).tmp).toEqual([])
  })
})

describe('a list of many images', () => {
  it('is read at once, and is right after every change, however soon it comes', async () => {
    const image = (n: number) => pieces(archive(member({ name: `f${n}`, content: 'x' })))
    const names = () => world.store.list().map(({ reference }) => reference)
    for (let n = 0; n < 3; n++) await world.store.importArchive(`image:${n}`, image(n))
    // As long as a list has to be to be kept. Names cost the disk less than images.
    for (let n = 3; n < 25; n++) await world.store.tag('image:0', `image:${n}`)
    const first = world.store.list()
    expect(first).toHaveLength(25)
    // Not before the last change is so long ago that the clock would show another one.
    while (!existsSync(world.store.layout.list)) {
      expect(world.store.list()).toEqual(first)
      await setTimeout(5)
    }
    expect(world.store.list()).toEqual(first)
    for (let n = 0; n < 5; n++) {
      await world.store.tag('image:1', `other:${n}`)
      expect(names()).toContain(`docker.io/library/other:${n}`)
      await world.store.remove(`other:${n}`, () => undefined)
      expect(names()).not.toContain(`docker.io/library/other:${n}`)
    }
    await world.store.tag('image:2', 'image:1')
    const id = (name: string) =>
      world.store.list().find(({ reference }) => reference === `docker.io/library/${name}`)?.id
    expect(id('image:1')).toBe(id('image:2'))
  })
})
