import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lgetxattr, lsetxattr } from '@rt/native/fsat'

/** Everything that tar can keep, below `directory`. */
export const makeTree = (directory: string): void => {
  mkdirSync(directory)
  const long = 'n'.repeat(200)
  execFileSync(
    'bash',
    [
      '-euc',
      `umask 0
      mkdir -p bin etc/deep/${long}/${long} usr tmp dev empty
      chmod 1777 tmp; chmod 0550 empty; chown 12:34 empty
      echo hello > etc/file; ln etc/file bin/hard; ln -s /etc/passwd etc/absolute; ln -s ../etc bin/relative; ln -s ${long}/${long}/x etc/long
      ln etc/absolute etc/hardlink-to-symlink
      echo long > etc/deep/${long}/${long}/leaf
      head -c 300000 /dev/urandom > usr/random; : > usr/none
      cp usr/random bin/setuid; chown 1000:2000 bin/setuid; chmod 6755 bin/setuid
      mknod dev/null c 1 3; chmod 666 dev/null; mknod dev/loop b 7 300; mkfifo -m 640 dev/fifo
      chown -h 5:6 etc/absolute; chown 4000000:4000001 etc/file
      truncate -s 3M usr/sparse; printf x | dd of=usr/sparse bs=1 seek=1500000 conv=notrunc status=none
      printf y > $'usr/latin1-\\xe4'; printf z > 'usr/ütf-8'; printf q > $'usr/new\\nline'
      cp /bin/true usr/capable; touch -h -d '1969-12-31 23:59:58.25 UTC' etc/long; touch -d '2001-02-03 04:05:06.123456789 UTC' etc/file
      touch -d '2002-01-01 UTC' etc etc/deep usr bin .`,
    ],
    { cwd: directory },
  )
  // A version 2 capability: its bytes are no UTF-8.
  const capability = Buffer.from([1, 0, 0, 2, 0x80, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  lsetxattr(join(directory, 'usr/capable'), 'security.capability', capability)
  lsetxattr(join(directory, 'etc'), 'user.on-directory', Buffer.from('a=b\nc\0d'))
  lsetxattr(join(directory, 'etc/absolute'), 'trusted.on-link', Buffer.from([0xff]))
  execFileSync('touch', ['-d', '2002-01-01 UTC', join(directory, 'etc')])
}

/** One line per file: type, mode, owner, size, time in nanoseconds, links, target, device, then checksums. */
export const describeTree = (directory: string): string[] => {
  const format = '%P|%y|%m|%U|%G|%n|%l|%T@|%s\\0'
  const found = execFileSync('find', ['.', '-printf', format], { cwd: directory, encoding: 'latin1' }).split('\0')
  return found
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', type] = line.split('|')
      const full = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')])
      const hash = type === 'f' ? createHash('md5').update(readFileSync(full)).digest('hex') : ''
      const extra = ['security.capability', 'user.on-directory', 'trusted.on-link'].map((name) =>
        lgetxattr(full, name)?.toString('hex'),
      )
      const stat = lstatSync(full)
      // The size of a directory is the file system's own affair.
      return `${type === 'd' ? line.replace(/\|[0-9]+$/, '') : line}|${stat.rdev}|${hash}|${extra}`
    })
    .sort()
}
