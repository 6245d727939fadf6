import { isRtError } from '@rt/driver-api'
import { familiar, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { complainOf } from '../outcomes.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove images',
  usage: 'IMAGE [IMAGE...]',
  examples: ['rt rmi busybox', 'rt rmi app:1.0 app:1.1'],
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => {
    const rt = await runtime()
    let exitCode = 0
    for (const name of words) {
      try {
        const { untagged, deleted } = await rt.removeImage(name)
        for (const reference of untagged) print(`Untagged: ${familiar(parseReference(reference))}`)
        for (const id of deleted) print(`Deleted: ${id}`)
      } catch (error) {
        // One that is in use does not keep the others. Nobody but root may remove any.
        if (!isRtError(error) || error.code === 'RT_NOT_ROOT') throw error
        complainOf(error)
        exitCode = 1
      }
    }
    return exitCode
  },
}
