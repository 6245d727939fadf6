import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { RtError } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import type { ImportOptions } from '../src/index.ts'
import { archive, END, type Fields, member, pax, record } from './archive.ts'
import { expectEmpty, pieces, useStore } from './store.ts'

const world = useStore()

const dir = (name: string): Buffer => member({ name, type: '5', mode: 0o755 })
const symlink = (name: string, link: string): Buffer => member({ name, type: '2', link })
const hardlink = (name: string, link: string): Buffer => member({ name, type: '1', link })
const file = (name: string, rest: Fields = {}): Buffer => member({ name, content: 'evil', ...rest })
const base256 = (...bytes: number[]): Buffer => Buffer.from(bytes)
const pattern = archive(dir('a/'), file('a/b', { content: 'x'.repeat(3000) }), symlink('a/c', 'b'))

/** The archive may name the victim by this absolute path; a test fails when its content, mode or link count changes. */
const victim = (): string => join(world.directory, 'victim')

const refused = async (data: Buffer, code: string, message: RegExp, options: ImportOptions = {}): Promise<void> => {
  writeFileSync(victim(), 'untouched', { mode: 0o600 })
  const before = lstatSync(victim())
  const error: unknown = await world.store.importArchive('evil', pieces(data), options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RtError)
  expect(`${(error as RtError).code}: ${(error as RtError).message}`).toMatch(
    new RegExp(`^${code}: .*${message.source}`),
  )
  expect((error as RtError).remedy).not.toBe('')
  expectEmpty(world.store)
  expect(readFileSync(victim(), 'utf8')).toBe('untouched')
  const { mode, nlink, uid, mtimeMs } = lstatSync(victim())
  expect({ mode, nlink, uid, mtimeMs }).toEqual({
    mode: before.mode,
    nlink: before.nlink,
    uid: before.uid,
    mtimeMs: before.mtimeMs,
  })
}

describe('a hostile archive is refused and leaves nothing', () => {
  it.each<[string, () => Buffer, RegExp, ImportOptions?]>([
    ['.. at the beginning', () => archive(file('../victim')), /"\.\.\/victim" is refused: its path has "\.\."/],
    ['.. in the middle', () => archive(dir('a/'), file('a/../../victim')), /its path has "\.\."/],
    ['.. behind a slash', () => archive(file('/../victim')), /its path has "\.\."/],
    ['.. in a pax path', () => archive(pax(record('path', 'x/../../victim')), file('x')), /its path has "\.\."/],
    [
      '.. in a GNU long name',
      () => archive(member({ type: 'L', content: '../victim\0' }), file('x')),
      /its path has "\.\."/,
    ],
    ['.. as a directory', () => archive(dir('../')), /its path has "\.\."/],
    [
      'a file through a link out',
      () => archive(symlink('l', world.directory), file('l/victim')),
      /below "l", which is a symbolic link/,
    ],
    ['a file through a link up', () => archive(symlink('l', '../../..'), file('l/victim')), /which is a symbolic link/],
    [
      'a file through a link within',
      () => archive(dir('d/'), symlink('l', 'd'), file('l/x')),
      /which is a symbolic link/,
    ],
    [
      'a file through two links',
      () => archive(dir('d/'), symlink('d/m', '..'), symlink('d/n', 'm/..'), file('d/n/victim')),
      /"d\/n", which is a symbolic link/,
    ],
    [
      'a directory through a link',
      () => archive(symlink('l', world.directory), dir('l/new/')),
      /which is a symbolic link/,
    ],
    [
      'a directory that a link replaced',
      () => archive(dir('d/'), symlink('d', world.directory), file('d/victim')),
      /which is a symbolic link/,
    ],
    ['a file below a file', () => archive(file('f'), file('f/x')), /below "f", which is no directory/],
    ['a hard link to ..', () => archive(hardlink('h', '../../../victim')), /its path has "\.\."/],
    [
      'a hard link through a link',
      () => archive(symlink('l', world.directory), hardlink('h', 'l/victim'), file('h')),
      /through a symbolic link/,
    ],
    ['a hard link to a directory', () => archive(dir('d/'), hardlink('h', 'd')), /to a directory/],
    ['a hard link to the root', () => archive(hardlink('h', '/')), /hard link to the root/],
    ['a hard link below a file', () => archive(file('f'), hardlink('h', 'f/x')), /below a file/],
    ['the root as a link', () => archive(symlink('.', '/etc')), /would replace the root/],
    ['the root as a pipe', () => archive(member({ name: './', type: '6' })), /would replace the root/],
    ['a NUL byte in a pax path', () => archive(pax(record('path', 'a\0b')), file('x')), /NUL byte/],
    ['a NUL byte in a link target', () => archive(pax(record('linkpath', 'a\0b')), symlink('x', 'y')), /NUL byte/],
    ['an empty link target', () => archive(symlink('x', '')), /target of the symbolic link is empty/],
    ['a very long path', () => archive(pax(record('path', 'a/'.repeat(2100))), file('x')), /longer than 4095 bytes/],
    ['a very long name', () => archive(pax(record('path', 'a'.repeat(256))), file('x')), /longer than 255 bytes/],
    [
      'a very deep tree',
      () => archive(pax(record('path', 'a/'.repeat(300))), file('x')),
      /more than 256 directories deep/,
    ],
    [
      'too many entries',
      () => archive(...Array.from({ length: 30 }, (_, n) => member({ name: `n${n}`, type: '3', major: 1, minor: 3 }))),
      /more than 20 entries/,
      { limits: { maxEntries: 20 } },
    ],
    [
      'a bomb of zeros in gzip',
      () => gzipSync(archive(file('zeros', { content: Buffer.alloc(50 << 20) }))),
      /unpacks to more than 1048576 bytes/,
      { limits: { maxBytes: 1 << 20 } },
    ],
    [
      'a size beyond all disks',
      () =>
        Buffer.concat([
          file('x', { size: base256(0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) }),
          END,
        ]),
      /claims to have \d+ bytes/,
    ],
    [
      'an owner of -1',
      () => archive(file('x', { uid: base256(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), mode: 0o4755 })),
      /owner -1 is no user/,
    ],
    ['an owner of 2^32-1', () => archive(pax(record('gid', '4294967295')), file('x')), /owner 4294967295 is no user/],
    [
      'a device that does not exist',
      () => archive(member({ name: 'd', type: '4', major: 0o77777, minor: 1 })),
      /no device 32767:1/,
    ],
    [
      'an overlayfs redirect',
      () => archive(pax(record('SCHILY.xattr.trusted.overlay.redirect', '/etc')), dir('d/')),
      /overlayfs's own attribute/,
    ],
    [
      'an overlayfs metacopy in user space',
      () => archive(pax(record('SCHILY.xattr.user.overlay.metacopy', 'x')), file('f')),
      /overlayfs's own attribute/,
    ],
    [
      'a sparse file of an absurd size',
      () => archive(pax(record('GNU.sparse.map', '0,4'), record('GNU.sparse.size', '99999999999999999999')), file('s')),
      /claims to have/,
    ],
  ])('%s', (_name, make, message, options) => refused(make(), 'RT_ARCHIVE_HOSTILE', message, options))
})

describe('a damaged archive is refused and leaves nothing', () => {
  it.each<[string, () => Buffer, RegExp]>([
    ['nothing at all', () => Buffer.alloc(0), /empty/],
    ['a text file', () => Buffer.from('hello, world\n'.repeat(100)), /not a tar archive/],
    ['a short text file', () => Buffer.from('hello'), /not a tar archive/],
    ['an ELF program', () => readFileSync('/bin/true'), /not a tar archive/],
    ['cut off in a file', () => pattern.subarray(0, 2000), /cut off: it ends after 2000 bytes/],
    ['cut off in a header', () => pattern.subarray(0, 700), /cut off/],
    ['cut off between entries', () => pattern.subarray(0, pattern.length - END.length), /cut off/],
    ['cut off in the padding', () => archive(dir('a/'), file('b')).subarray(0, 1100), /cut off/],
    ['gzip cut off', () => gzipSync(pattern).subarray(0, 60), /compressed data end too early/],
    ['gzip cut off before its checksum', () => gzipSync(pattern).subarray(0, -6), /compressed data end too early/],
    ['gzip with a wrong bit', () => flip(gzipSync(pattern, { level: 0 }), 2000), /compressed data cannot be read/],
    ['gzip of something else', () => gzipSync(Buffer.from('no tar'.repeat(200))), /not a tar archive/],
    ['gzip of nothing', () => gzipSync(Buffer.alloc(0)), /empty/],
    [
      'a header with a wrong bit',
      () => flip(pattern, 4100),
      /damaged: the header at byte 4096 does not match its checksum/,
    ],
    ['a number that is not octal', () => archive(file('x', { mode: Buffer.from('00009\0') })), /not octal/],
    [
      'a negative size',
      () => archive(file('x', { size: base256(...Array.from({ length: 12 }, () => 0xff)) })),
      /negative size/,
    ],
    ['an unknown type', () => archive(file('x', { type: 'Q' })), /type that rt does not know/],
    ['a hard link to nothing', () => archive(hardlink('h', 'missing')), /hard link to "missing", which is not there/],
    ['a hard link to itself', () => archive(file('h'), hardlink('h', './h')), /hard link to itself/],
    [
      'pax records without a length',
      () => archive(member({ type: 'x', content: 'path=x\n' }), file('x')),
      /extended header at byte \d+ cannot be read/,
    ],
    [
      'pax records beyond their end',
      () => archive(member({ type: 'x', content: '99 path=x\n' }), file('x')),
      /extended header/,
    ],
    ['a pax size that is no number', () => archive(pax(record('size', '1e3')), file('x')), /not decimal/],
    [
      'an endless pax header',
      () => archive(member({ type: 'x', size: 2 ** 30 }), file('x')),
      /claims 1073741824 bytes/,
    ],
    ['a pax header without an entry', () => archive(pax(record('path', 'x'))), /last entry is missing/],
    [
      'a sparse map beyond its file',
      () => archive(pax(record('GNU.sparse.map', '0,2,9,2'), record('GNU.sparse.size', '10')), file('s')),
      /map of the sparse file/,
    ],
    [
      'a sparse map with overlaps',
      () => archive(pax(record('GNU.sparse.map', '4,2,0,2'), record('GNU.sparse.size', '10')), file('s')),
      /map of the sparse file/,
    ],
    [
      'a sparse map that is shorter than the data',
      () => archive(pax(record('GNU.sparse.map', '0,2'), record('GNU.sparse.size', '10')), file('s')),
      /map of the sparse file/,
    ],
    [
      'a sparse file shorter than its map',
      () =>
        archive(
          pax(record('GNU.sparse.major', '1'), record('GNU.sparse.realsize', '5')),
          file('s', { content: '' }),
          Buffer.from('0\n'.padEnd(512, '\0')),
        ),
      /shorter than its map/,
    ],
  ])('%s', (_name, make, message) => refused(make(), 'RT_ARCHIVE_CORRUPT', message))
})

const flip = (data: Buffer, at: number): Buffer => {
  const copy = Buffer.from(data)
  copy[at] = (copy[at] ?? 0) ^ 0x10
  return copy
}

it('refuses an archive that is cut at any byte', async () => {
  for (let length = 1; length < pattern.length - 512; length += 97) {
    await expect(world.store.importArchive('cut', pieces(pattern.subarray(0, length), 4096))).rejects.toThrow(
      /cut off|not a tar/,
    )
  }
  expectEmpty(world.store)
})

it('keeps links to anywhere as data, and devices', async () => {
  const image = await world.store.importArchive(
    'data',
    pieces(
      archive(
        symlink('abs', '/etc/passwd'),
        symlink('up', '../../../../etc'),
        member({ name: 'null', type: '3', major: 1, minor: 3 }),
      ),
    ),
  )
  expect(lstatSync(join(image.layers[0], 'up')).isSymbolicLink()).toBe(true)
  expect(lstatSync(join(image.layers[0], 'null')).rdev).toBe(0x103)
})

it('does not follow links of the archive when it clears away a failed import', async () => {
  writeFileSync(victim(), 'untouched')
  await expect(
    world.store.importArchive('x', pieces(archive(symlink('out', world.directory), file('../x')))),
  ).rejects.toThrow()
  expect(existsSync(victim())).toBe(true)
})

it('passes on what the source throws, and stops when it is told to', async () => {
  const broken = Readable.from(
    (function* () {
      yield pattern.subarray(0, 1000)
      throw new Error('the network went away')
    })(),
  )
  await expect(world.store.importArchive('x', broken)).rejects.toThrow('the network went away')
  const stop = new AbortController()
  const endless = Readable.from(
    (async function* () {
      yield pattern.subarray(0, 1024)
      stop.abort()
      await new Promise(() => {})
    })(),
  )
  await expect(world.store.importArchive('x', endless, { signal: stop.signal })).rejects.toThrow(/abort/)
  expectEmpty(world.store)
})

it('shows names harmlessly', async () => {
  const error = await world.store
    .importArchive('x', pieces(archive(file('\x1b[2J/../x'))))
    .catch((reason: unknown) => reason as Error)
  expect((error as Error).message).not.toContain('\x1b')
})
