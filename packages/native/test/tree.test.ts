import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const shim = join(import.meta.dirname, '../shim')
const { errno } = constants
const root = process.getuid?.() === 0
let base = ''
let work = ''

/** Runs a script in `work`, in its own mount namespace: `tree` is the driver, `fail` a command that must fail. Answers its stdout. */
const sh = (script: string): string => {
  const prelude = `set -euo pipefail; mount --make-rprivate /; cd '${work}'; fail() { if "$@"; then echo "did not fail: $*"; exit 3; fi; }; tree() { '${base}/tree' "$@"; };`
  const done = spawnSync('unshare', ['-m', 'bash', '-c', `${prelude}\n${script}`], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`exit ${done.status ?? done.signal}: ${done.stdout}${done.stderr}`)
  return done.stdout
}

/** One line for each entry, sorted: directory order is not part of the tree. */
const manifest = (path: string): string[] => sh(`tree manifest '${path}'`).trimEnd().split('\n').sort()

describe.skipIf(!root)('trees (needs root: owners, devices, mounts)', () => {
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-tree-'))
    const cc = spawnSync('musl-gcc', ['--version']).status === 0 ? 'musl-gcc' : 'cc'
    const flags = ['-std=gnu11', '-static', '-Os', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', `-I${shim}`]
    const sources = [join(import.meta.dirname, 'shim/tree-driver.c'), ...globSync(join(shim, 'tree*.c'))]
    execFileSync(cc, [...flags, '-o', join(base, 'tree'), ...sources])
  })
  beforeEach(() => {
    work = mkdtempSync(join(base, 'case-'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  describe('tree_copy', () => {
    it('keeps owners, modes, times, links, nodes and attributes', () => {
      sh(`
        mkdir -p from/sub/sealed to; cd from
        echo hello > plain; : > empty; head -c 300000 /dev/urandom > large
        printf x > $'odd\\377 \\n name'
        cp plain suid; chown 123:456 suid; chmod 6751 suid
        cp plain capable; tree xattr capable security.capability 0100000200040000000000000000000000000000
        ln -s /etc/passwd absolute; ln -s ../../missing dangling; chown -h 7:8 dangling; touch -h -d '2001-02-03 04:05:06.000000007' dangling
        tree xattr dangling trusted.link 01; tree xattr sub trusted.directory 0203; tree xattr plain user.note 6869
        tree xattr plain system.posix_acl_access 0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000000ffffffff
        tree xattr sub system.posix_acl_default 0200000001000700ffffffff02000500e803000004000500ffffffff10000500ffffffff20000000ffffffff
        mkfifo -m 640 fifo; mknod null c 1 3; mknod loop b 7 0; chown 1:2 loop; mknod setid p; chmod 2770 setid
        tree socket socket
        ln plain sub/hard; ln dangling sub/hardlink; ln fifo sub/hardfifo
        mkdir sub/sticky; chmod 1777 sub/sticky; : > sub/sealed/file; chmod 2000 sub/sealed
        touch -d '1999-12-31 23:59:59.123456789' plain sub/sealed sub .
        touch -a -d '2005-05-05 05:05:05.555555555' plain fifo null
        tree copy . ../to`)
      const copied = manifest('to')
      expect(copied).toHaveLength(21 + 1) // one name has a line break
      expect(copied).toEqual(manifest('from'))
    })

    it('keeps holes as holes', () => {
      const [before, after] = sh(`
        mkdir from to
        printf start > from/sparse; printf middle | dd of=from/sparse bs=1M seek=40 conv=notrunc status=none; truncate -s 100M from/sparse
        truncate -s 50M from/hollow
        tree copy from to; cmp from/sparse to/sparse; cmp from/hollow to/hollow
        tree blocks from/sparse; tree blocks to/sparse`)
        .split('\n')
        .map(Number)
      expect(after).toBeLessThanOrEqual(before ?? 0)
    })

    it('copies between file systems', () => {
      sh(`mkdir from other; head -c 200000 /dev/urandom > from/file; ln from/file from/link; truncate -s 1M from/hole
        mount -t tmpfs none other; tree copy from other; diff -r from other; [ "$(stat -c %h other/file)" = 2 ]`)
    })

    it('joins thousands of hard links, and leaves those outside of the tree', () => {
      sh(`mount -t tmpfs none .; cd "$PWD"; mkdir from to from/sub outside
        echo many > from/many; tree links from/many 3000
        for i in $(seq 300); do echo $i > from/p$i; done; ln -t from/sub from/p*; ln -t outside from/p*
        tree copy from to; [ "$(stat -c %h to/many)" = 3001 ]; [ "$(stat -c %h to/p7)" = 2 ]; [ to/p7 -ef to/sub/p7 ]
        diff -r from to; [ "$(ls -A to | wc -l)" = "$(ls -A from | wc -l)" ]`)
    })

    it('gives nothing of the access lists of the target to the copy', () => {
      sh(`mkdir from from/sub to
        tree xattr to system.posix_acl_default 0200000001000700ffffffff02000500e803000004000500ffffffff10000500ffffffff20000000ffffffff
        tree copy from to`)
      expect(manifest('to')).toEqual(manifest('from'))
    })

    it('copies the mount points below the source, not what is mounted there', () => {
      const list =
        sh(`mkdir -p from/bind from/tmp from/sub to secret; echo secret > secret/file; : > from/bound; echo in > from/sub/file
        mount --bind secret from/bind; mount --bind secret/file from/bound; mount -t tmpfs none from/tmp; : > from/tmp/file
        tree copy from to; find to -printf '%P %s\\n' -type f | grep -v ' 4096$' | sort`)
      expect(list).toBe('bound 0\nsub/file 3\n')
    })

    it('lays a layer over what is there: its names win, whiteouts and opaque directories take away', () => {
      const list =
        sh(`mkdir -p to/kept to/gone/deep to/hidden/old to/was-dir/x from/hidden from/kept from/now-dir to/linked
        echo old > to/kept/a; echo old > to/kept/b; : > to/gone/deep/file; : > to/gone-file; : > to/now-dir; ln -s /etc to/link; mkdir to/replaced
        chmod 700 to/kept; tree xattr to/kept trusted.note 01; tree xattr to/kept system.posix_acl_default 0200000001000700ffffffff04000500ffffffff20000500ffffffff
        echo new > from/kept/a; ln from/kept/a from/kept/c; mknod from/gone c 0 0; mknod from/gone-file c 0 0; mknod from/never-there c 0 0
        echo file > from/was-dir; echo in > from/now-dir/in; mkdir from/link; echo in > from/link/in; chmod 751 from/kept; ln -s kept from/replaced
        echo in > from/hidden/new; tree xattr from/hidden trusted.overlay.opaque 79; touch -d '2001-02-03 04:05:06.5' from/kept
        tree over from to; cat to/kept/a to/kept/b to/was-dir to/link/in; [ to/kept/a -ef to/kept/c ]; [ ! -e /etc/in ]
        (cd to && find . -printf '%P %y %m %l\\n' | sort); stat -c %Y to/kept; tree manifest to | grep -c trusted.overlay || true`)
      expect(list).toBe(`new
old
file
in
 d 755 
hidden d 755 
hidden/new f 644 
kept d 751 
kept/a f 644 
kept/b f 644 
kept/c f 644 
link d 755 
link/in f 644 
linked d 755 
now-dir d 755 
now-dir/in f 644 
replaced l 777 kept
was-dir f 644 
981173106
0
`)
    })

    it('names what failed', () => {
      expect(sh('mkdir from to from/sub; : > from/sub/x; mkdir to/sub; fail tree copy from to')).toBe(
        `to/sub: ${errno.EEXIST}\n`,
      )
      expect(sh('mkdir -p into/here; fail tree copy into into/here')).toBe(`into/here: ${errno.EINVAL}\n`)
      expect(sh('fail tree copy missing to')).toBe(`missing: ${errno.ENOENT}\n`)
      expect(sh(': > file; fail tree copy from file')).toBe(`file: ${errno.ENOTDIR}\n`)
      expect(sh('mkdir f t; mount -t tmpfs -o size=64k none t; head -c 1M /dev/zero > f/big; fail tree copy f t')).toBe(
        `t/big: ${errno.ENOSPC}\n`,
      )
    })
  })

  describe('both', () => {
    it('walk 5000 levels with 64 descriptors', () => {
      const depth = sh(`mount -t tmpfs none .; cd "$PWD"; mkdir from to; tree deep from 5000; ulimit -n 64 -s 256
        tree copy from to; tree depth to; tree remove from; tree remove to; [ -z "$(ls -A)" ]`)
      expect(depth).toBe('5000\n')
    })
  })

  describe('tree_remove', () => {
    it('removes directories, files, links and what has no permissions', () => {
      sh(`mkdir -p tree/a/b keep; : > keep/file; ln -s "$PWD/keep" tree/a/link; ln -s keep link; mkfifo tree/fifo; mknod tree/null c 1 3
        : > tree/a/b/file; chmod 0 tree/a/b tree/a; : > file
        tree remove tree/; tree remove link/; tree remove file; tree remove fail/never/was`)
      expect(readdirSync(work)).toEqual(['keep'])
      expect(readdirSync(join(work, 'keep'))).toEqual(['file'])
    })

    it('removes a wide directory', () => {
      sh(`mount -t tmpfs none .; cd "$PWD"; mkdir wide; cd wide; seq 20000 | xargs touch; seq -f d%g 2000 | xargs mkdir; touch d7/file
        cd ..; tree remove wide; [ ! -e wide ]`)
    })

    it('enters no mount, bind mounts of the same file system included, and removes the rest', () => {
      for (const mount of ['mount --bind keep', 'mount -t tmpfs none']) {
        const said =
          sh(`mkdir -p tree/a/mnt tree/b/c keep; : > keep/file; : > tree/b/c/file; ${mount} tree/a/mnt; : > tree/a/mnt/file
          fail tree remove tree; fail tree remove tree/a/mnt; [ -e tree/a/mnt/file ]; [ ! -e tree/b ]`)
        expect(said).toBe(`tree/a/mnt: ${errno.EBUSY}\ntree/a/mnt: ${errno.EBUSY}\n`)
        expect(readdirSync(join(work, 'keep'))).toEqual(['file'])
      }
    })

    it('reports the first immutable file and removes all else', () => {
      const said = sh(`mkdir -p tree/a tree/b; : > tree/a/kept; : > tree/a/gone; : > tree/b/gone; chattr +i tree/a/kept
        fail tree remove tree; find tree | sort; chattr -i tree/a/kept; tree remove tree; [ ! -e tree ]`)
      expect(said).toBe(`tree/a/kept: ${errno.EPERM}\ntree\ntree/a\ntree/a/kept\n`)
    })

    it('refuses what names no entry', () => {
      for (const path of ['/', '.', 'sub/..', 'sub/.', ''])
        expect(sh(`mkdir -p sub; fail tree remove '${path}'; [ -d sub ]`)).toBe(`${path}: ${errno.EINVAL}\n`)
    })

    it('agrees with others that remove the same tree at the same time', async () => {
      sh(
        `mkdir -p tree/wide; tree deep tree 400; for d in $(seq 60); do mkdir tree/wide/$d; touch tree/wide/$d/{1..30}; done`,
      )
      const removers = Array.from({ length: 3 }, () =>
        spawn(join(base, 'tree'), ['remove', join(work, 'tree')], { stdio: 'inherit' }),
      )
      const exits = await Promise.all(removers.map((remover) => once(remover, 'exit')))
      expect(exits.map(([code]) => code)).toEqual([0, 0, 0])
      expect(readdirSync(work)).toEqual([])
    })
  })
})
