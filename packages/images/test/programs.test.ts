import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { pumpArchive } from '../src/unpack/pump.ts'
import { archive, member } from './archive.ts'
import { expectEmpty, pieces, useStore } from './store.ts'

const world = useStore()
const content = Buffer.from(Array.from({ length: 2 << 20 }, (_, index) => (index * index) >> 7))
const tarball = archive(member({ name: 'file', content }))
const importing = (source: Readable, signal?: AbortSignal) =>
  world.store.importArchive('app:1', source, signal && { signal })

/** Of this process, which has no others. */
const children = (): string =>
  readdirSync('/proc/self/task')
    .map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'))
    .join('')
const fds = (): number => readdirSync('/proc/self/fd').length

const path = process.env.PATH
afterEach(() => {
  process.env.PATH = path
})

describe.each(['xz', 'bzip2'])('an archive that is compressed with %s', (tool) => {
  const pack = (data: Buffer): Buffer => execFileSync(tool, ['-c1'], { input: data, maxBuffer: 64 << 20 })
  const here = spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined

  it.runIf(here)('is imported, and kept as a layer may be', async () => {
    const image = await importing(pieces(pack(tarball), 5000))
    expect(readFileSync(join(image.layers[0], 'file')).equals(content)).toBe(true)
    const { blobs } = world.store.layout
    const kept = readdirSync(blobs).map((name) => readFileSync(join(blobs, name)))
    expect(kept.some((data) => data.equals(tarball))).toBe(true)
  })

  it.runIf(here)('is loaded', async () => {
    const { id } = await importing(pieces(tarball))
    const chunks: Buffer[] = []
    await world.store.save(['app:1'], 'oci-archive', (bytes) => void chunks.push(Buffer.from(bytes)))
    await world.store.remove('app:1', () => undefined)
    expectEmpty(world.store)
    const [image] = await world.store.load(pieces(pack(Buffer.concat(chunks))))
    expect(image?.id).toBe(id)
  })

  it.runIf(here).each<[string, (packed: Buffer) => Iterable<Buffer> | AsyncIterable<Buffer>, RegExp]>([
    ['is cut off', (packed) => [packed.subarray(0, -40)], /damaged: \w+ cannot decompress it \("\w+: /],
    ['has a wrong byte', (packed) => [packed.fill(0x55, 900, 910)], /damaged: \w+ cannot decompress it/],
    ['holds no archive', () => [pack(Buffer.from('no tar'.repeat(2000)))], /not a tar/],
    ['is damaged and does not end', (packed) => endless(packed.fill(0x55, 900, 910)), /damaged/],
  ])('is refused where it %s, and nothing is left', async (_name, make, message) => {
    const packed = pack(tarball)
    const before = fds()
    await expect(importing(Readable.from(make(packed)))).rejects.toMatchObject({
      code: 'RT_ARCHIVE_CORRUPT',
      message: expect.stringMatching(message),
    })
    expect(children()).toBe('')
    expect(fds()).toBe(before)
    expectEmpty(world.store)
  })

  it.runIf(here)('is given up with its program, and fails as its source does', async () => {
    const packed = pack(tarball)
    const giveUp = new AbortController()
    const source = async function* (): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 90_000)
      giveUp.abort()
      yield* endless(packed.subarray(90_000, 90_100))
    }
    await expect(importing(Readable.from(source()), giveUp.signal)).rejects.toMatchObject({ name: 'AbortError' })
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 90_000)
      throw new Error('the disk is gone')
    }
    await expect(importing(Readable.from(broken()))).rejects.toThrow('the disk is gone')
    await expect.poll(children).toBe('')
    expectEmpty(world.store)
  })

  it.runIf(here)('is not called damaged where somebody has killed its program', async () => {
    const packed = pack(tarball)
    const source = async function* (): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 90_000)
      await expect.poll(children).not.toBe('')
      for (const pid of children().trim().split(' '))
        if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === tool) process.kill(Number(pid), 'SIGKILL')
      yield* endless(packed.subarray(90_000, 90_100))
    }
    await expect(importing(Readable.from(source()))).rejects.toMatchObject({
      code: 'RT_STEP_FAILED',
      message: expect.stringMatching(`${tool} was ended by SIGKILL`),
    })
    expectEmpty(world.store)
  })

  it('is refused with a remedy where there is no such program, and as a layer', async () => {
    const magic = Buffer.from(tool === 'xz' ? [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0] : 'BZh91AY&SY', 'latin1')
    const layer = pumpArchive(pieces(magic), () => undefined, { isLayer: true })
    await expect(layer).rejects.toMatchObject({
      code: 'RT_ARCHIVE_CORRUPT',
      message: expect.stringMatching(/in a layer/),
    })
    process.env.PATH = world.directory
    await expect(importing(pieces(magic))).rejects.toMatchObject({
      code: 'RT_ARCHIVE_CORRUPT',
      message: expect.stringMatching(`compressed with ${tool}, which rt cannot read without`),
      remedy: expect.stringMatching(`^Install ${tool}, or .*${tool} -dc`),
    })
    expectEmpty(world.store)
  })
})

/** Ends only with whoever reads it. */
const endless = async function* (first: Buffer): AsyncGenerator<Buffer> {
  yield first
  await new Promise(() => undefined)
}
