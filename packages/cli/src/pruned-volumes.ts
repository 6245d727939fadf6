import type { PrunedVolumes } from '@rt/runtime'
import { printOutcomes } from './outcomes.ts'
import { print } from './output.ts'
import { humanSize } from './sizes.ts'

/** As Docker prints them. `before`: bytes that went with other things. Answers the exit status. */
export const printPruned = ({ outcomes, reclaimed }: PrunedVolumes, before = 0): number => {
  const removed = outcomes.some((outcome) => !('error' in outcome))
  if (removed) print('Deleted Volumes:')
  const exitCode = printOutcomes(outcomes, ({ name }) => name)
  if (removed) print('')
  print(`Total reclaimed space: ${humanSize(before + reclaimed)}`)
  return exitCode
}
