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
    const containers = await Promise.all(words.map((name) => rt.container(name)))
    printJson(containers.map((container) => dockerView(container, rt.layout)))
    return 0
  },
}
