import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { archive, member, pax, record } from './archive.ts'
import { useStore } from './store.ts'

const world = useStore()

/** Imports into a small tmpfs that only the child's own mount namespace sees. Answers the error, and what is left of the import. */
const importOnSmallDisk = (
  data: Buffer,
  mountOptions: string,
  limits: object,
  type = 'tmpfs',
): { code: string; left: string } => {
  const file = join(world.directory, 'root.tar')
  writeFileSync(file, data)
  const script = `import { createReadStream } from 'node:fs'
    import { ImageStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    await new ImageStore(process.argv[1]).importArchive('x', createReadStream(process.argv[2]), { limits: JSON.parse(process.argv[3]), onWarning: (text) => console.log(text) })
      .then(() => console.log('imported'), (error) => console.log(error.code))`
  const shell = `mount --make-rprivate / && mount -t ${type} -o ${mountOptions} small "$1"
    "$2" --conditions=@rt/source --input-type=module -e "$3" "$1" "$4" "$5"
    find "$1/images" -mindepth 2 ! -path '*/blobs/sha256'`
  const [code = '', ...left] = execFileSync(
    'unshare',
    [
      '-m',
      'bash',
      '-euc',
      shell,
      'bash',
      `${world.directory}/disk`,
      process.execPath,
      script,
      file,
      JSON.stringify(limits),
    ],
    { encoding: 'utf8' },
  ).split('\n')
  return { code, left: left.join('') }
}

const big = archive(member({ name: 'big', content: Buffer.alloc(6 << 20) }))
const many = archive(...Array.from({ length: 200 }, (_, n) => member({ name: `n${n}`, type: '6' })))

it.each([
  ['foreseen from the declared size', big, 'size=4m', {}],
  ['by blocks, when others were faster', big, 'size=4m', { reserveBytes: -(1 << 30) }],
  ['foreseen from the number of inodes', many, 'size=4m,nr_inodes=100', {}],
])('a full disk, %s: RT_DISK_FULL and nothing is left', (_name, data, options, limits) => {
  execFileSync('mkdir', ['-p', join(world.directory, 'disk')])
  expect(importOnSmallDisk(data, options, limits)).toEqual({ code: 'RT_DISK_FULL', left: '' })
})

it('what fits is taken', () => {
  execFileSync('mkdir', ['-p', join(world.directory, 'disk')])
  expect(importOnSmallDisk(big, 'size=20m', {}).code).toBe('imported')
})

it('a file system without attributes is worth a warning, one that reports no size is no full disk', () => {
  execFileSync('mkdir', ['-p', join(world.directory, 'disk')])
  const data = archive(pax(record('SCHILY.xattr.user.colour', 'red')), member({ name: 'file', content: 'x' }))
  const { code, left } = importOnSmallDisk(data, 'mode=700', {}, 'ramfs')
  expect(code).toBe('The file system cannot keep the attribute "user.colour" of "file".')
  expect(left).toMatch(/^imported/)
})
