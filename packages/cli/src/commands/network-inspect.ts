import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { ParsedFlags, RtCommand } from '../command.ts'
import { write } from '../output.ts'
import { printViews } from '../print-views.ts'
import { networkInspectView } from '../view/network-inspect.ts'

export const command: RtCommand = {
  summary: 'Show everything that is known of networks, as JSON or as a picture',
  description:
    'Field names are Docker\u2019s. FORMAT is a path, IPAM.Config[0].Subnet, or a text with paths in braces, "{Name} {Driver}". ' +
    'A picture is of the host as it is now: without names it shows every network that has containers.',
  usage: '[OPTIONS] [NETWORK...]',
  examples: [
    'rt network inspect web',
    'rt network inspect --format "IPAM.Config[0].Subnet" web',
    'rt network inspect --graph',
    'rt network inspect --svg web >web.svg',
  ],
  flags: {
    format: string({ char: 'f', summary: 'only one field, a text with fields or a template', helpValue: 'FORMAT' }),
    graph: boolean({ summary: 'a picture in text', exclusive: ['mermaid', 'svg', 'format'] }),
    mermaid: boolean({ summary: 'a picture in Mermaid, for documents', exclusive: ['svg', 'format'] }),
    svg: boolean({ summary: 'a picture in SVG', exclusive: ['format'] }),
    verbose: boolean({ char: 'v', hidden: true }),
  },
  words: { least: 0, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    const networks = await rt.networks()
    const draw = drawing(flags)
    if (draw) {
      const { drawText, drawMermaid, drawSvg } = await import('../graph/index.ts')
      const topology = await networks.topology(words.length > 0 ? words : networks.inUse())
      write(1, { drawText, drawMermaid, drawSvg }[draw](topology))
      return 0
    }
    if (words.length === 0) throw new RtError('RT_USAGE', 'Which network?', { remedy: 'See `rt network ls`.' })
    return printViews(words, async (name) => networkInspectView(await networks.inspect(name)), flags.text('format'))
  },
}

const drawing = (flags: ParsedFlags): 'drawText' | 'drawMermaid' | 'drawSvg' | undefined =>
  flags.on('mermaid') ? 'drawMermaid' : flags.on('svg') ? 'drawSvg' : flags.on('graph') ? 'drawText' : undefined
