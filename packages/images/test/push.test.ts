import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ImageStore, type PushProgress } from '../src/index.ts'
import { archive, member } from './archive.ts'
import { type Middleman, noRegistry, type TestRegistry, useRegistry } from './registry.ts'
import { digestOf, imageOf, layerOf, upload } from './registry-images.ts'
import { contents, pieces, useStore } from './store.ts'

const world = useStore()
const free = (): undefined => undefined
const BIG = 3 << 20

describe.skipIf(noRegistry)('push', () => {
  let registry: TestRegistry
  let man: Middleman
  useRegistry((...made) => {
    ;[registry, man] = made
  })
  let counter = 0
  /** One that nobody has used. */
  const fresh = () => `${man.host}/app${counter++}:1`
  const importing = (name: string, data: Buffer) =>
    world.store.importArchive(name, pieces(data, 1 << 16), { changes: ['CMD ["x"]'] })
  const tarball = () => archive(member({ name: 'file', content: randomBytes(BIG) }))
  const other = () => new ImageStore(join(world.directory, 'other'))
  const uploads = () => man.seen.filter(({ method }) => method === 'PATCH')

  it('sends what was made here, compressed, and what comes back is the same image', async () => {
    const name = fresh()
    const image = await importing(name, tarball())
    const { digest, sent, mounted } = await world.store.push(name)
    expect([sent, mounted]).toEqual([2, 0])
    const back = await other().pull(name)
    expect(back.digest).toBe(digest)
    expect(back.image.id).toBe(image.id)
    expect(readFileSync(join(back.image.layers[0], 'file')).equals(readFileSync(join(image.layers[0], 'file')))).toBe(
      true,
    )
    const manifest = JSON.parse(readFileSync(world.store.layout.blob(digest.slice(7)), 'utf8'))
    expect(manifest.layers.map(({ mediaType }: { mediaType: string }) => mediaType)).toEqual([
      'application/vnd.oci.image.layer.v1.tar+gzip',
    ])
    // The plain archive has no use any more; config, manifest and the compressed one are left.
    await importing('another', archive())
    await world.store.remove('another', free)
    expect(contents(world.store).blobs).toHaveLength(3)
    expect((await world.store.pull(name)).upToDate).toBe(true)
  })

  it('sends nothing that is there, and takes a layer over from another repository', async () => {
    const name = fresh()
    await importing(name, tarball())
    await world.store.push(name)
    man.seen.length = 0
    expect(await world.store.push(name)).toMatchObject({ sent: 0, mounted: 0 })
    expect(uploads()).toEqual([])
    const second = fresh()
    await world.store.tag(name, second)
    man.seen.length = 0
    expect(await world.store.push(second)).toMatchObject({ sent: 0, mounted: 2 })
    expect(uploads()).toEqual([])
    expect((await other().pull(second)).fetched).toBe(1)
  })

  it('gives what was pulled on with the digest that it had', async () => {
    const layers = [layerOf('a', 'x'), layerOf('b', randomBytes(BIG))]
    const digest = await upload(registry.host, 'origin', '1', layers, imageOf(layers, { docker: true }))
    const name = fresh()
    await world.store.pull(`${registry.host}/origin:1`)
    await world.store.tag(`${registry.host}/origin:1`, name)
    expect((await world.store.push(name)).digest).toBe(digest)
    expect((await other().pull(name)).digest).toBe(digest)
  })

  /** Cuts the first upload that is large. */
  const cutOnce = () => {
    let cuts = 0
    return (request: IncomingMessage): void => {
      if (request.method !== 'PATCH' || cuts > 0) return
      let bytes = 0
      request.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > 1_500_000 && cuts++ === 0) request.socket.destroy()
      })
    }
  }

  it('goes on where a cut connection left off, at a registry that knows where that was', async () => {
    const name = fresh()
    await importing(name, tarball())
    const cut = cutOnce()
    const received = new Map<string, Buffer[]>()
    const ranges: (string | undefined)[] = []
    man.meddle = {
      answer: (request, response) => {
        const { method, url = '' } = request
        const size = (): number => (received.get(url) ?? []).reduce((sum, { length }) => sum + length, 0)
        const state = () => ({ location: url.replace(/\?.*/, ''), range: `0-${Math.max(0, size() - 1)}` })
        if (method === 'POST') {
          const location = `${url}${received.size}`
          received.set(location, [])
          response.writeHead(202, { location }).end()
        } else if (method === 'PATCH') {
          ranges.push(request.headers['content-range'])
          request.on('data', (piece: Buffer) => received.get(url)?.push(piece))
          cut(request)
          // Cut on purpose.
          request.on('error', () => {})
          request.on('end', () => response.writeHead(202, state()).end())
        } else if (method === 'GET' && url.includes('/uploads/')) response.writeHead(204, state()).end()
        else if (method === 'PUT') response.writeHead(201).end()
        else return false
        return true
      },
    }
    const { digest } = await world.store.push(name)
    const { layers } = JSON.parse(readFileSync(world.store.layout.blob(digest.slice(7)), 'utf8'))
    const sent = [...received.values()].map((parts) => digestOf(Buffer.concat(parts)))
    expect(sent).toContain(layers[0].digest)
    const [resumed] = ranges.filter((range) => range !== undefined)
    expect(Number(resumed?.split('-')[0])).toBeGreaterThan(1_000_000)
    expect(Number(resumed?.split('-')[1])).toBe(layers[0].size - 1)
  })

  it('begins anew at one that has forgotten the upload, as Docker\u2019s does', async () => {
    const name = fresh()
    await importing(name, tarball())
    const cut = cutOnce()
    man.meddle = {
      answer: (request) => {
        cut(request)
        return false
      },
    }
    await world.store.push(name)
    expect(uploads().filter(({ headers }) => Number(headers['content-length']) > BIG / 2)).toHaveLength(2)
    man.meddle = {}
    expect((await other().pull(name)).fetched).toBe(1)
  })

  it('tells how far it is', async () => {
    const name = fresh()
    await importing(name, tarball())
    const told: PushProgress[] = []
    await world.store.push(name, { onProgress: (progress) => told.push(progress) })
    expect(told[0]?.state).toBe('compressing')
    expect(told.at(-1)?.state).toBe('done')
    expect(told.filter(({ state }) => state === 'sending').length).toBeGreaterThan(3)
  })

  it('says what cannot be pushed', async () => {
    const { id } = await importing('app', tarball())
    await expect(world.store.push(id)).rejects.toMatchObject({
      code: 'RT_IMAGE_REFERENCE',
      remedy: expect.stringContaining('rt tag'),
    })
    await expect(world.store.push('missing')).rejects.toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
    await world.store.tag('app', '127.0.0.1:1/app')
    await expect(world.store.push('127.0.0.1:1/app')).rejects.toMatchObject({ code: 'RT_REGISTRY_UNREACHABLE' })
  })

  it('skopeo and podman take what was pushed', async ({ skip }) => {
    if (spawnSync('skopeo', ['--version']).error) skip('skopeo is not installed')
    const name = `${registry.host}/peers:1`
    const { id } = await importing(name, tarball())
    const { digest } = await world.store.push(name)
    const seen = JSON.parse(
      execFileSync('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`], { encoding: 'utf8' }),
    )
    expect(seen.Digest).toBe(digest)
    const target = join(world.directory, 'skopeo')
    execFileSync('skopeo', ['copy', '-q', '--src-tls-verify=false', `docker://${name}`, `dir:${target}`])
    expect(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')).config.digest).toBe(id)
  })
})

describe('tag', () => {
  it('gives another name, which takes it away from whatever had it', async () => {
    const one = await world.store.importArchive('one', pieces(archive(member({ name: 'a' }))))
    const two = await world.store.importArchive('two', pieces(archive(member({ name: 'b' }))))
    await world.store.tag('one', 'host:5000/team/one:x')
    await world.store.tag(one.id, 'two')
    expect(world.store.find('host:5000/team/one:x')?.id).toBe(one.id)
    expect(world.store.find('two')?.id).toBe(one.id)
    expect(world.store.find(two.id)?.layers).toEqual(two.layers)
    await world.store.remove('one', free)
    expect(world.store.find('two')?.id).toBe(one.id)
    await expect(world.store.tag('missing', 'x')).rejects.toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
    await expect(world.store.tag('two', 'Bad Name')).rejects.toMatchObject({ code: 'RT_IMAGE_REFERENCE' })
  })
})
