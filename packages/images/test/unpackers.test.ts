import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { UnpackJob } from '../src/unpack/file/unpack-file.ts'
import { UnpackThread } from '../src/unpack/file/unpack-thread.ts'
import { Unpackers } from '../src/unpack/file/unpackers.ts'
import { archive, member } from './archive.ts'
import { digestOf } from './registry-images.ts'
import { inMemory, useStore } from './store.ts'

const world = useStore(inMemory())
const LARGE = 5 << 20
/** Sizes of archives, of which one is worth threads and the other is not. */
const WORTH = { 'in this thread': [1000, 1000, 1000], 'in threads': [LARGE, LARGE, LARGE] }

/** A job for an archive that is there as far as `bytes`. */
const jobFor = (name: string, data: Buffer, bytes = data.length): UnpackJob => {
  const [file, tree] = [join(world.directory, `${name}.tar`), join(world.directory, name)]
  writeFileSync(file, data.subarray(0, bytes))
  mkdirSync(tree)
  return { file, tree, size: data.length }
}

/** What this process has open below the test's directory. */
const open = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.dev === statSync(world.directory).dev
    } catch {
      // The one that lists them.
      return false
    }
  }).length

describe.each(['in this thread', 'in threads'] as const)('unpacking %s', (where) => {
  const using = async (work: (unpackers: Unpackers) => Promise<void>): Promise<void> => {
    const before = open()
    const unpackers = new Unpackers(WORTH[where])
    try {
      await work(unpackers)
    } finally {
      await unpackers.close()
    }
    expect(open()).toBe(before)
  }
  const content = Buffer.alloc(300_000, 'some text ')
  const tar = archive(member({ name: 'a', content }), member({ name: 'b', content: 'b' }))
  const packed = gzipSync(tar, { level: 0 })

  it('goes along with a file that still grows', () =>
    using(async (unpackers) => {
      const job = jobFor('growing', packed, 100_000)
      const unpacking = unpackers.unpack(job, 100_000)
      for (let at = 100_000; at < packed.length; at += 100_000) {
        appendFileSync(job.file, packed.subarray(at, at + 100_000))
        unpacking.reach(Math.min(at + 100_000, packed.length))
      }
      expect(await unpacking.end).toMatchObject({
        packing: '+gzip',
        digest: digestOf(packed),
        diffId: digestOf(tar).slice(7),
        entries: 2,
      })
      expect(readFileSync(join(job.tree, 'a')).equals(content)).toBe(true)
    }))

  it('does as many as are asked for, also more than at once', () =>
    using(async (unpackers) => {
      const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
      const ends = names.map((name) => unpackers.unpack(jobFor(name, packed), packed.length).end)
      expect((await Promise.all(ends)).map(({ digest }) => digest)).toEqual(names.map(() => digestOf(packed)))
      for (const name of names) expect(existsSync(join(world.directory, name, 'b'))).toBe(true)
    }))

  it.each([
    ['hostile', archive(member({ name: '../out' })), 'RT_ARCHIVE_HOSTILE', '../out'],
    ['damaged', Buffer.concat([tar.subarray(0, 512), Buffer.alloc(400_000, 1)]), 'RT_ARCHIVE_CORRUPT', 'archive'],
    [
      'damaged where it is compressed',
      Buffer.concat([packed.subarray(0, 20), Buffer.alloc(400_000, 1)]),
      'RT_ARCHIVE_CORRUPT',
      'archive',
    ],
  ])('says of a %s one what it says elsewhere, without waiting for the rest of it', (name, data, code, word) =>
    using(async (unpackers) => {
      const unpacking = unpackers.unpack({ ...jobFor(name, data), size: data.length + 1_000_000 }, data.length)
      await expect(unpacking.end).rejects.toMatchObject({
        code,
        message: expect.stringContaining(word),
        remedy: expect.stringMatching(/\w/),
        exitCode: 125,
      })
      // The next one is not the worse for it.
      expect((await unpackers.unpack(jobFor('next', packed), packed.length).end).entries).toBe(2)
    }),
  )

  it('ends with the reason for which it is given up, also before its turn has come', () =>
    using(async (unpackers) => {
      const reason = new Error('nobody wants it')
      const all = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) =>
        unpackers.unpack(jobFor(name, packed, 1000), 1000),
      )
      const ends = Promise.allSettled(all.map(({ end }) => end))
      for (const { giveUp } of all) giveUp(reason)
      expect(await ends).toEqual(all.map(() => ({ status: 'rejected', reason })))
    }))
})

it('a thread that has ended fails what it was doing, and what it is asked for', async () => {
  const data = archive(member({ name: 'a' }))
  const thread = new UnpackThread()
  const job = { ...jobFor('given', data), size: data.length + 1 }
  const end = expect(thread.unpack(job, () => {})).rejects.toThrow(/ended before/)
  await thread.close()
  await end
  await expect(thread.unpack(job, () => {})).rejects.toThrow(/ended before/)
})
