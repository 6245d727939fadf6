import { boolean, string } from '@oclif/core/flags'
import { isRtError, type RtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { formatByPath } from '../json-path.ts'
import { complainOf } from '../outcomes.ts'
import { print, printJson } from '../output.ts'
import { networkInspectView } from '../view/network-inspect.ts'

export const command: RtCommand = {
  summary: 'Show everything that is known of networks, as JSON',
  description:
    'Field names are Docker\u2019s. FORMAT is a path, IPAM.Config[0].Subnet, or a text with paths in braces, "{Name} {Driver}".',
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  examples: ['rt network inspect web', 'rt network inspect --format "IPAM.Config[0].Subnet" web'],
  flags: {
    format: string({ char: 'f', summary: 'only one field, or a text with fields', helpValue: 'FORMAT' }),
    verbose: boolean({ char: 'v', hidden: true }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    const networks = await rt.networks()
    const views: Record<string, unknown>[] = []
    const missing: RtError[] = []
    for (const name of words) {
      try {
        views.push(networkInspectView(networks.inspect(name)))
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
