import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import { familiar, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { complainOf } from '../outcomes.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove images',
  description:
    'A name goes, and the image with its last one. An id is the image with all its names. An image that a container is made of stays.',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  examples: ['rt rmi busybox', 'rt rmi app:1.0 app:1.1'],
  flags: {
    force: boolean({
      char: 'f',
      summary:
        'names also where a container needs the image, or an id has several; one that is not there is no failure',
    }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const force = flags.on('force')
    let exitCode = 0
    for (const name of words) {
      try {
        const { untagged, deleted } = await rt.removeImage(name, { force })
        for (const reference of untagged) print(`Untagged: ${familiar(parseReference(reference))}`)
        for (const id of deleted) print(`Deleted: ${id}`)
      } catch (error) {
        // One that is in use does not keep the others. Nobody but root may remove any.
        if (!isRtError(error) || error.code === 'RT_NOT_ROOT') throw error
        complainOf(error)
        if (!force || error.code !== 'RT_IMAGE_UNKNOWN') exitCode = 1
      }
    }
    return exitCode
  },
}
