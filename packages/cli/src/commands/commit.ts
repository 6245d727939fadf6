import { boolean, string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Make an image of a container: its image and what it has changed',
  description: 'A running container is paused meanwhile. What is in volumes and other mounts is no part of it.',
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  examples: ["rt commit -m 'with curl' -c 'CMD [\"sh\"]' box box:curl"],
  flags: {
    author: string({ char: 'a', summary: 'who made it', helpValue: 'TEXT' }),
    change: string({ char: 'c', summary: 'apply a Dockerfile instruction', helpValue: 'TEXT', multiple: true }),
    message: string({ char: 'm', summary: 'what it is', helpValue: 'TEXT' }),
    pause: boolean({ char: 'p', summary: 'pause the container meanwhile (the default)', default: true, allowNo: true }),
  },
  words: { least: 1, most: 2 },
  run: async ({ flags, words: [container = '', reference], runtime }) => {
    const files = await (await runtime()).files()
    const { id } = await files.commit(container, {
      reference,
      author: flags.text('author'),
      message: flags.text('message'),
      changes: flags.texts('change'),
      pause: flags.on('pause'),
      onWarning: (text) => complain(`rt: ${text}`),
    })
    print(id)
    return 0
  },
}
