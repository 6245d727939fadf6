import { boolean } from '@oclif/core/flags'
import { currentDirectory } from '@rt/runtime'
import { refuseTerminal, standardInput } from '../archive-streams.ts'
import type { RtCommand } from '../command.ts'
import { complain } from '../output.ts'

export const command: RtCommand = {
  summary: "Copy files and directories between a container and the host's files",
  description:
    'The container may be running or not. Into a directory that is there, else under the name that is given; SRC/. means what is in SRC. ' +
    "Copies are root's in the container and yours on the host, unless -a. With - the files come or go as a tar archive.",
  usage: '[OPTIONS] CONTAINER:SRC DEST|-  or  [OPTIONS] SRC|- CONTAINER:DEST',
  examples: ['rt cp web:/etc/nginx .', 'rt cp site/. web:/srv/www', 'rt cp web:/var/log - | tar -t'],
  flags: {
    archive: boolean({ char: 'a', summary: 'keep user and group of every file' }),
    'follow-link': boolean({ char: 'L', summary: 'copy what SRC leads to where it is a symbolic link' }),
    quiet: boolean({ char: 'q', summary: 'accepted for Docker: rt cp says nothing anyway' }),
  },
  words: { least: 2, most: 2 },
  run: async ({ flags, words, runtime }) => {
    const [from = '', to = ''] = words
    const files = await (await runtime()).files()
    const sides = files.parseSides(from, to)
    if (sides.to.kind === 'stream') refuseTerminal('Name a file or directory for it, or redirect the output.')
    await files.copy({
      ...sides,
      archive: flags.on('archive'),
      followLink: flags.on('follow-link'),
      cwd: currentDirectory(),
      stdin: () => standardInput('rt cp - CONTAINER:DEST'),
      stdoutFd: 1,
      onWarning: (text) => complain(`rt: ${text}`),
    })
    return 0
  },
}
