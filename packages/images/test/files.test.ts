import { execFileSync } from 'node:child_process'
import { constants, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lsetxattr, O_PATH } from '@rt/native/fsat'
import { expect, it } from 'vitest'
import {
  findChanges,
  finish,
  listChanges,
  openMerged,
  plainNode,
  TarEncoder,
  TreeReader,
  writeLayer,
} from '../src/files/index.ts'
import { LayerUnpacker } from '../src/unpack/layer.ts'
import { archive, member } from './archive.ts'
import { useStore } from './store.ts'
import { describeTree, makeTree } from './tree.ts'

const world = useStore()
const at = (...parts: string[]): string => join(world.directory, ...parts)
const sh = (script: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: world.directory, encoding: 'utf8' })
const open = (path: string) => plainNode(openSync(at(path), O_PATH | constants.O_DIRECTORY))

/** The archive of a tree, as a file. */
const pack = (node: ReturnType<typeof open>, file: string): void => {
  const pieces: Buffer[] = []
  const encoder = new TarEncoder((bytes) => pieces.push(Buffer.from(bytes)))
  finish(new TreeReader(encoder).tree(node, ''))
  encoder.finish()
  node.close()
  writeFileSync(at(file), Buffer.concat(pieces))
}

it('packs everything that a tree can hold, for GNU tar and for itself, to the nanosecond', () => {
  makeTree(at('from'))
  pack(open('from'), 'packed.tar')
  mkdirSync(at('gnu'))
  execFileSync('tar', ['--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', at('packed.tar'), '-C', at('gnu')])
  expect(describeTree(at('gnu'))).toEqual(describeTree(at('from')))
  mkdirSync(at('own'))
  const unpacker = new LayerUnpacker(at('own'))
  unpacker.push(readFileSync(at('packed.tar')))
  unpacker.finish()
  expect(describeTree(at('own'))).toEqual(describeTree(at('from')))
  expect(sh('tar -tf packed.tar | sed -n 1p')).toBe('./\n')
})

it('leaves sockets out, and what overlayfs and the host write into attributes', () => {
  sh(`mkdir from; : > from/file; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("from/socket")'`)
  lsetxattr(at('from/file'), 'trusted.overlay.origin', Buffer.from('x'))
  lsetxattr(at('from/file'), 'trusted.kept', Buffer.from('x'))
  pack(open('from'), 'packed.tar')
  expect(sh(`tar --xattrs --xattrs-include='*' -tvvf packed.tar | grep -o 'trusted.*\\|[^ ]*$'`)).not.toMatch(
    /socket|overlay/,
  )
  expect(sh(`tar --xattrs --xattrs-include='*' -tvvf packed.tar`)).toContain('trusted.kept')
})

it('writes sizes beyond 8 GiB and reads them back', () => {
  sh('mkdir from; truncate -s 9G from/huge')
  const headers: Buffer[] = []
  const encoder = new TarEncoder((bytes) => {
    if (headers.length < 2) headers.push(Buffer.from(bytes))
  })
  const [entry] = [
    {
      type: 'file',
      path: 'huge',
      linkpath: '',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0n,
      size: 9 * 2 ** 30,
      major: 0,
      minor: 0,
      xattrs: new Map(),
    },
  ] as const
  encoder.entry(entry)
  encoder.finish()
  expect(Buffer.concat(headers).toString('latin1')).toContain('19 size=9663676416\n')
})

/** Three directories as overlayfs would have them, and what it shows of them. */
const layers = (): void => {
  sh(`mkdir -p low/a/deep low/gone low/dir low/hidden mid/a mid/hidden top/a top/file2
    echo low > low/a/one; echo low > low/a/two; echo low > low/a/deep/x; echo low > low/gone/x; echo low > low/dir/x; echo low > low/hidden/old; echo low > low/file; echo low > low/file2
    echo mid > mid/a/two; mknod mid/gone c 0 0; echo mid > mid/dir; echo mid > mid/hidden/new
    echo top > top/a/three; mknod top/a/one c 0 0; mknod top/file c 0 0; chmod 711 top/a; echo in > top/file2/in`)
  lsetxattr(at('mid/hidden'), 'trusted.overlay.opaque', Buffer.from('y'))
}

it('sees layers as overlayfs does', () => {
  layers()
  pack(openMerged(['top', 'mid', 'low'].map((name) => at(name))), 'merged.tar')
  const seen = sh(
    'mkdir merged; tar -C merged -xpf merged.tar; cd merged; find . -type f -exec grep -H . {} + | sort; stat -c %a a',
  )
  expect(seen).toBe('./a/deep/x:low\n./a/three:top\n./a/two:mid\n./dir:mid\n./file2/in:in\n./hidden/new:mid\n711\n')
  const kernel =
    sh(`unshare -m bash -c 'mkdir kernel; mount -t overlay overlay -o lowerdir=top:mid:low kernel; cd kernel
    find . -type f -exec grep -H . {} + | sort; stat -c %a a'`)
  expect(seen).toBe(kernel)
})

/** What has changed between `before` and `now`, where the kernel keeps the changes in `upper`. */
const changesOf = (now: string, isComplete: boolean, hidden: readonly string[] = []): string[] => {
  const [node, before] = [open(now), openMerged([at('before')])]
  const changes = findChanges({ now: node, isComplete, before, hidden: new Set(hidden) })
  node.close()
  before.close()
  return listChanges(changes).map(([kind, path]) => `${kind} ${path}`)
}

const CHANGES = `echo more >> m/etc/passwd; rm m/etc/group; rm -r m/home; mkdir m/home; echo new > m/home/new; mkdir -p m/opt/a/b; : > m/opt/a/b/c
  rm -r m/kind; echo file > m/kind; rm m/link; ln -s other m/link; chmod 700 m/only-mode; touch m/same m/etc-; rm -r m/tree
  : > m/created-and-gone; rm m/created-and-gone; mkdir -p m/dev/pts m/hold/inner; mv m/old-name m/new-name`

const prepare = (): void => {
  sh(`mkdir -p before/etc before/home/user before/kind before/only-mode before/tree/x before/untouched
    echo a > before/etc/passwd; echo a > before/etc/group; : > before/home/user/file; : > before/kind/x; ln -s one before/link; echo x > before/untouched/x; echo n > before/old-name
    touch -d 2001-01-01 before/etc before/home before/untouched/x`)
}

const EXPECTED = [
  'C /etc',
  'A /etc-',
  'D /etc/group',
  'C /etc/passwd',
  'C /home',
  'A /home/new',
  'D /home/user',
  'C /kind',
  'C /link',
  'A /new-name',
  'D /old-name',
  'C /only-mode',
  'A /opt',
  'A /opt/a',
  'A /opt/a/b',
  'A /opt/a/b/c',
  'A /same',
  'D /tree',
]

it("finds what was changed by overlay's upper directory alone", () => {
  prepare()
  sh(`mkdir upper work m; unshare -m bash -euc 'mount -t overlay overlay -o lowerdir=before,upperdir=upper,workdir=work,index=off,metacopy=off,redirect_dir=off m
    ${CHANGES}'`)
  expect(changesOf('upper', false, ['/dev', '/dev/pts', '/hold/inner'])).toEqual(EXPECTED)
})

it('finds the same by comparing a copy', () => {
  prepare()
  sh(`cp -a before m; ${CHANGES}`)
  expect(changesOf('m', true, ['/dev', '/dev/pts', '/hold/inner'])).toEqual(EXPECTED)
})

it('makes a layer of the changes that gives the tree back', () => {
  prepare()
  sh(`mkdir upper work m; unshare -m bash -euc 'mount -t overlay overlay -o lowerdir=before,upperdir=upper,workdir=work,index=off m
    ${CHANGES}; ln m/new-name m/opt/linked; tar -C m -cf after.tar .; mkdir after; tar -C after -xpf after.tar'`)
  const [now, before] = [open('upper'), openMerged([at('before')])]
  mkdirSync(at('layer'))
  const unpacker = new LayerUnpacker(at('layer'), {}, () => {}, { isLayer: true })
  const encoder = new TarEncoder((bytes) => unpacker.push(bytes))
  finish(writeLayer(now, findChanges({ now, isComplete: false, before, hidden: new Set() }), encoder))
  encoder.finish()
  unpacker.finish()
  pack(openMerged([at('layer'), at('before')]), 'merged.tar')
  const show = (name: string): string[] => describeTree(at(name)).map((line) => line.replace(/\|\d+\.\d+\|/, '|'))
  sh('mkdir merged; tar -C merged -xpf merged.tar')
  expect(show('merged')).toEqual(show('after'))
  expect(statSync(at('merged/opt/linked')).ino).toBe(statSync(at('merged/new-name')).ino)
})

it("takes a layer's opaque mark, and names that are no whiteouts in a whole root", () => {
  mkdirSync(at('layer'))
  const data = archive(
    member({ name: 'dir/', type: '5', mode: 0o755 }),
    member({ name: 'dir/.wh..wh..opq' }),
    member({ name: 'dir/.wh.gone' }),
    member({ name: 'dir/new', content: 'x' }),
  )
  const layer = new LayerUnpacker(at('layer'), {}, () => {}, { isLayer: true })
  layer.push(data)
  layer.finish()
  expect(sh('stat -c "%n %F %t:%T" layer/dir/*; ls -A layer/dir')).toBe(
    'layer/dir/gone character special file 0:0\nlayer/dir/new regular file 0:0\ngone\nnew\n',
  )
  sh('mkdir -p low/dir; : > low/dir/gone; : > low/dir/old')
  const merged = openMerged([at('layer'), at('low')])
  const dir = merged.open('dir')
  expect(dir?.names()).toEqual(['new'])
  dir?.close()
  merged.close()
  mkdirSync(at('whole'))
  const whole = new LayerUnpacker(at('whole'))
  whole.push(data)
  whole.finish()
  expect(sh('ls -A whole/dir')).toBe('.wh..wh..opq\n.wh.gone\nnew\n')
})
