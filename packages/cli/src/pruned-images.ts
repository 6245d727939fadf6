import { familiar, type PrunedImages, parseReference } from '@rt/images'
import { print } from './output.ts'

/** As Docker prints them. */
export const printPrunedImages = ({ untagged, deleted }: PrunedImages): void => {
  if (deleted.length === 0) return
  print('Deleted Images:')
  for (const name of untagged) print(`untagged: ${familiar(parseReference(name))}`)
  for (const id of deleted) print(`deleted: ${id}`)
  print('')
}
