import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { printOutcomes } from '../outcomes.ts'
import { print } from '../output.ts'
import { printPruned } from '../pruned-volumes.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove all containers that do not run, and all networks that no running one is connected to',
  usage: '[OPTIONS]',
  flags: {
    force: boolean({ char: 'f', summary: 'do not ask' }),
    volumes: boolean({ summary: 'and all unnamed volumes that no container has then' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const unnamed = flags.on('volumes') ? ', and all unnamed volumes that no container has then' : ''
    const warning = `This removes all containers that do not run, and all networks that no running one is connected to${unnamed}.`
    if (!confirmed(flags, 'rt system prune', warning)) return 0
    const containers = await rt.prune()
    const networks = await (await rt.networks()).prune()
    const printList = (title: string, outcomes: typeof networks): number => {
      if (outcomes.every((outcome) => 'error' in outcome)) return printOutcomes(outcomes, ({ name }) => name)
      print(title)
      const exitCode = printOutcomes(outcomes, ({ name }) => name)
      print('')
      return exitCode
    }
    const codes = [printList('Deleted Containers:', [...containers.outcomes]), printList('Deleted Networks:', networks)]
    if (flags.on('volumes'))
      codes.push(printPruned(await (await rt.volumes()).prune({ all: false }), containers.reclaimed))
    else print(`Total reclaimed space: ${humanSize(containers.reclaimed)}`)
    return Math.max(...codes)
  },
}
