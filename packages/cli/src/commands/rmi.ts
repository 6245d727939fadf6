import { familiar, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove images',
  usage: 'IMAGE [IMAGE...]',
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => {
    const rt = await runtime()
    for (const name of words) {
      const { untagged, deleted } = await rt.removeImage(name)
      for (const reference of untagged) print(`Untagged: ${familiar(parseReference(reference))}`)
      for (const id of deleted) print(`Deleted: ${id}`)
    }
    return 0
  },
}
