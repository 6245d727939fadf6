/** Directories of the image with their modes, parents first. */
export const DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ['bin', 0o755],
  ['dev', 0o755],
  ['etc', 0o755],
  ['home', 0o755],
  ['proc', 0o755],
  ['root', 0o700],
  ['sbin', 0o755],
  ['sys', 0o755],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/spool', 0o755],
  ['var/tmp', 0o1777],
]

const lines = (...text: string[]): string => `${text.join('\n')}\n`

/** Text files: the accounts that programs look up, and no passwords. */
export const FILES: readonly (readonly [path: string, mode: number, content: string])[] = [
  [
    'etc/group',
    0o644,
    lines(
      'root:x:0:',
      'daemon:x:1:',
      'bin:x:2:',
      'sys:x:3:',
      'tty:x:5:',
      'mail:x:8:',
      'www-data:x:33:',
      'users:x:100:',
      'nogroup:x:65534:',
    ),
  ],
  // Empty, so that each container's own can be mounted over them without a copy of /etc being made first.
  ['etc/hostname', 0o644, ''],
  ['etc/hosts', 0o644, ''],
  [
    'etc/passwd',
    0o644,
    lines(
      'root:x:0:0:root:/root:/bin/sh',
      'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
      'bin:x:2:2:bin:/bin:/bin/false',
      'mail:x:8:8:mail:/var/spool:/bin/false',
      'www-data:x:33:33:www-data:/var:/bin/false',
      'nobody:x:65534:65534:nobody:/home:/bin/false',
    ),
  ],
  ['etc/resolv.conf', 0o644, ''],
  ['etc/shadow', 0o600, lines('root:*:::::::', 'nobody:*:::::::')],
]
