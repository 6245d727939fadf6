import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { archive, member, pax, record } from './archive.ts'
import { pieces, useStore } from './store.ts'
import { describeTree, makeTree } from './tree.ts'

const world = useStore()

const tar = (from: string, to: string, ...options: string[]): void => {
  execFileSync('tar', ['--numeric-owner', '--sort=name', ...options, '-cf', to, '-C', from, '.'], {
    env: { ...process.env, LC_ALL: 'C' },
  })
}

it.each([
  ['pax', ['--format=posix', '--xattrs', '--xattrs-include=*']],
  ['pax, sparse 1.0', ['--format=posix', '--xattrs', '--xattrs-include=*', '--sparse']],
  ['pax, sparse 0.1', ['--format=posix', '--xattrs', '--xattrs-include=*', '--sparse', '--sparse-version=0.1']],
  ['pax, sparse 0.0', ['--format=posix', '--xattrs', '--xattrs-include=*', '--sparse', '--sparse-version=0.0']],
])('unpacks what GNU tar packs, to the nanosecond: %s', async (_name, options) => {
  const [from, file] = [join(world.directory, 'from'), join(world.directory, 'root.tar')]
  makeTree(from)
  tar(from, file, ...options)
  const image = await world.store.importArchive('round:trip', createReadStream(file))
  expect(describeTree(image.layers[0])).toEqual(describeTree(from))
  expect(lstatSync(join(image.layers[0], 'bin/hard')).ino).toBe(lstatSync(join(image.layers[0], 'etc/file')).ino)
  expect(image.config.rootfs.diff_ids).toEqual([
    `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`,
  ])
  if (options.includes('--sparse'))
    expect(statSync(join(image.layers[0], 'usr/sparse')).blocks * 512).toBeLessThan(100_000)
})

it.each([
  ['gnu', ['--format=gnu', '--sparse']],
  ['oldgnu', ['--format=oldgnu']],
])('unpacks older formats as GNU tar does: %s', async (_name, options) => {
  const [from, file, to] = ['from', 'root.tar', 'to'].map((name) => join(world.directory, name)) as [
    string,
    string,
    string,
  ]
  makeTree(from)
  tar(from, file, ...options)
  mkdirSync(to)
  execFileSync('tar', ['--numeric-owner', '-xpf', file, '-C', to])
  const image = await world.store.importArchive('round:trip', pieces(readFileSync(file), 77_777))
  expect(describeTree(image.layers[0])).toEqual(describeTree(to))
})

it('reads what tar-stream writes', async () => {
  const stream = pack()
  stream.entry({ name: 'a/', type: 'directory', mode: 0o750 })
  stream.entry({ name: `a/${'x'.repeat(150)}/ü`, mode: 0o4711, uid: 7 }, 'text')
  stream.finalize()
  const image = await world.store.importArchive('packed', Readable.from(stream))
  const stat = lstatSync(join(image.layers[0], 'a', 'x'.repeat(150), 'ü'))
  expect([stat.mode & 0o7777, stat.uid, stat.size]).toEqual([0o4711, 7, 4])
})

it('gives one layer for one archive however it is compressed', async () => {
  const plain = archive(
    member({ name: './', type: '5', mode: 0o755 }),
    member({ name: '/abs/file', content: 'x'.repeat(5000) }),
  )
  const many = Buffer.concat([gzipSync(plain.subarray(0, 700)), gzipSync(plain.subarray(700))])
  const diffIds = []
  for (const data of [plain, gzipSync(plain), many, zstdCompressSync(plain)]) {
    const image = await world.store.importArchive('same', pieces(data, 100))
    diffIds.push(...image.config.rootfs.diff_ids)
    expect(readFileSync(join(image.layers[0], 'abs/file'), 'utf8')).toBe('x'.repeat(5000))
  }
  expect(new Set(diffIds).size).toBe(1)
})

it('lets a later entry replace an earlier one', async () => {
  const image = await world.store.importArchive(
    'again',
    pieces(
      archive(
        member({ name: 'a', content: 'first' }),
        member({ name: 'a', content: 'second' }),
        member({ name: 'tree/', type: '5' }),
        member({ name: 'tree/deep/x', content: 'x' }),
        member({ name: 'tree', content: 'now a file' }),
        member({ name: 'link', type: '2', link: '/etc' }),
        member({ name: 'link/', type: '5', mode: 0o711 }),
        member({ name: 'link/inside', content: 'inside' }),
        member({ name: 'kept/', type: '5', mode: 0o700 }),
        member({ name: 'kept/file', content: 'kept' }),
        member({ name: 'kept/', type: '5', mode: 0o750, mtime: 1 }),
        member({ name: 'fifo', content: 'x' }),
        member({ name: 'fifo', type: '6' }),
      ),
    ),
  )
  const at = (path: string): string => join(image.layers[0], path)
  expect(readFileSync(at('a'), 'utf8')).toBe('second')
  expect(readFileSync(at('tree'), 'utf8')).toBe('now a file')
  expect(lstatSync(at('link')).isDirectory()).toBe(true)
  expect(readFileSync(at('link/inside'), 'utf8')).toBe('inside')
  expect(readFileSync(at('kept/file'), 'utf8')).toBe('kept')
  expect([lstatSync(at('kept')).mode & 0o777, lstatSync(at('kept')).mtimeMs]).toEqual([0o750, 1000])
  expect(lstatSync(at('fifo')).isFIFO()).toBe(true)
})

it('takes extended headers that hold for all entries, and the local ones that overrule them', async () => {
  const image = await world.store.importArchive(
    'global',
    pieces(
      archive(
        member({ type: 'g', content: Buffer.concat([record('uid', '42'), record('comment', 'x')]) }),
        member({ name: 'one' }),
        pax(record('uid', '43'), record('mtime', '1.5')),
        member({ name: 'two' }),
      ),
    ),
  )
  expect(lstatSync(join(image.layers[0], 'one')).uid).toBe(42)
  expect(lstatSync(join(image.layers[0], 'two')).uid).toBe(43)
  expect(lstatSync(join(image.layers[0], 'two')).mtimeMs).toBe(1500)
})
