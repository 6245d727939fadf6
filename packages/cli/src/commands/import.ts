import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { requireRoot } from '@rt/runtime'
import { openArchive } from '../archive-streams.ts'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'

const open = (file: string): Readable => {
  if (file !== '-')
    return createReadStream(file, {
      fd: openArchive(file, 'Check the path, or pipe the archive in and write - for its name.'),
    })
  // Node's own stdin stream is fine here: this process becomes nobody's container.
  if (isatty(0))
    throw new RtError('RT_USAGE', 'rt import - NAME reads the archive from standard input, which is a terminal', {
      remedy: 'Pipe it in: `docker export NAME | rt import - NAME`.',
    })
  return process.stdin
}

/** A folder is no archive, and often has the name that the image of it is to have. */
const isArchive = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === false

/** Docker names the archive first; the other order is taken where the second word is, or looks like, a file. */
const sides = ([first = '', second = '']: readonly string[]): [name: string, file: string] =>
  second === '-' || (first !== '-' && !isArchive(first) && (/^[./]/.test(second) || isArchive(second)))
    ? [first, second]
    : [second, first]

export const command: RtCommand = {
  summary: 'Make an image of a root file system tarball',
  description:
    'Takes what `docker export` writes, plain or compressed (gzip, zstd; xz and bzip2 where these programs are installed): owners, modes, hard links, device nodes and xattrs are kept. The name may stand first, too.',
  usage: '[OPTIONS] FILE|- NAME[:TAG]',
  examples: [
    'docker export box | rt import - box',
    "rt import -c 'CMD [\"bash\"]' -c 'ENV LANG=C.UTF-8' rootfs.tar.gz debian:12",
  ],
  flags: {
    change: string({ char: 'c', summary: 'apply a Dockerfile instruction', helpValue: 'TEXT', multiple: true }),
    message: string({ char: 'm', summary: 'what it is', helpValue: 'TEXT' }),
  },
  words: { least: 2, most: 2 },
  run: async ({ flags, words, runtime }) => {
    const [name, file] = sides(words)
    const rt = await runtime()
    requireRoot()
    const image = await rt.images.importArchive(name, open(file), {
      changes: flags.texts('change'),
      message: flags.text('message'),
      onWarning: (text) => complain(`rt: ${text}`),
    })
    print(image.id)
    return 0
  },
}
