import { string } from '@oclif/core/flags'
import { isRtError, type RtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { formatByPath } from '../json-path.ts'
import { complainOf } from '../outcomes.ts'
import { print, printJson } from '../output.ts'
import { volumeView } from '../view/volume.ts'

export const command: RtCommand = {
  summary: 'Show everything that is known of volumes, as JSON',
  description:
    'Field names are Docker\u2019s. FORMAT is a path, Mountpoint, or a text with paths in braces, "{Name} {Mountpoint}".',
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  examples: ['rt volume inspect data', 'rt volume inspect --format Mountpoint data'],
  flags: { format: string({ char: 'f', summary: 'only one field, or a text with fields', helpValue: 'FORMAT' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const volumes = await (await runtime()).volumes()
    const views: Record<string, unknown>[] = []
    const missing: RtError[] = []
    for (const name of words) {
      try {
        views.push(volumeView(volumes.inspect(name)))
      } catch (error) {
        // One that is not there does not keep the others.
        if (!isRtError(error)) throw error
        missing.push(error)
      }
    }
    const format = flags.text('format')
    if (format !== undefined) for (const view of views) print(formatByPath(format, view))
    else if (views.length > 0) printJson(views)
    for (const error of missing) complainOf(error)
    return missing.length > 0 ? 1 : 0
  },
}
