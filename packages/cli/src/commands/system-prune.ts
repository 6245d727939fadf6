import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import type { Runtime } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { printOutcomes } from '../outcomes.ts'
import { print } from '../output.ts'
import { printPrunedImages } from '../pruned-images.ts'
import { printPruned } from '../pruned-volumes.ts'
import { humanSize } from '../sizes.ts'

/** A build that is under way needs it; all else can go none the less. */
const pruneBuildsUnlessUsed = async (rt: Runtime): Promise<number> => {
  try {
    return await rt.pruneBuilds()
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_BUILD_RUNNING') return 0
    throw error
  }
}

export const command: RtCommand = {
  summary: 'Remove what is not used: containers, networks, images, what builds have kept',
  description:
    'All containers that do not run, all networks that no running one is connected to, all images without a name, and what builds have kept for the next one.',
  usage: '[OPTIONS]',
  flags: {
    all: boolean({ char: 'a', summary: 'all images that no container is made of, not those without a name alone' }),
    force: boolean({ char: 'f', summary: 'do not ask' }),
    volumes: boolean({ summary: 'and all unnamed volumes that no container has then' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const all = flags.on('all')
    const unnamed = flags.on('volumes') ? ', all unnamed volumes that no container has then' : ''
    const images = all ? 'that no container is made of then' : 'without a name'
    const warning = `This removes all containers that do not run, all networks that no running one is connected to${unnamed}, all images ${images}, and what builds have kept.`
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
    const pruned = await rt.pruneImages({ all })
    printPrunedImages(pruned)
    const reclaimed = containers.reclaimed + pruned.reclaimed + (await pruneBuildsUnlessUsed(rt))
    if (flags.on('volumes')) codes.push(printPruned(await (await rt.volumes()).prune({ all: false }), reclaimed))
    else print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return Math.max(...codes)
  },
}
