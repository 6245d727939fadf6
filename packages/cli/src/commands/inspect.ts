import type { RtCommand } from '../command.ts'
import { dockerView } from '../docker-view.ts'
import { printJson } from '../output.ts'

export const command: RtCommand = {
  summary: 'Show everything that is known of containers, as JSON',
  usage: 'CONTAINER [CONTAINER...]',
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    printJson(words.map((name) => dockerView(rt.find(name), rt.layout)))
    return 0
  },
}
