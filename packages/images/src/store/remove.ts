import { rmSync } from 'node:fs'
import { RtError, shortId } from '@rt/driver-api'
import { familiar, familiarName } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { collectGarbage } from './collect.ts'
import { sweepFetches } from './fetches.ts'
import type { Image, RemovedImage } from './image.ts'
import { writeIndex } from './index-file.ts'
import { hexOf, type Layout } from './layout.ts'
import { readReferences } from './read.ts'
import { locked, makeWorkspace } from './write.ts'

/** An id may have been meant for one name alone. */
const refuseSeveral = (image: Image, names: readonly string[]): void => {
  const repositories = new Set(names.map((name) => familiarName(parseReference(name))))
  if (repositories.size < 2) return
  const all = names.map((name) => familiar(parseReference(name))).join(', ')
  throw new RtError(
    'RT_IMAGE_IN_USE',
    `The image ${shortId(hexOf(image.id))} has names in several repositories: ${all}.`,
    {
      remedy: 'Remove it by the name that is to go, or with -f for all of them.',
    },
  )
}

export interface RemoveOptions {
  /** Names go also where a container needs the image, which stays without one then; and all names of an id, whatever their repositories. */
  readonly force?: boolean
}

/** See ImageStore.remove. The name goes first and the layers last, so that a crash leaves no name without its image. */
export const removeImage = (
  layout: Layout,
  require: () => Image,
  inUse: (imageId: string) => string | undefined,
  { force = false }: RemoveOptions = {},
): RemovedImage => {
  // Once before the lock is made where there may be no store yet, once under it, because the name may have moved since.
  require()
  const { workspace, removed } = locked(layout, () => {
    const image = require()
    const names = readReferences(layout)
      .filter(({ id }) => id === image.id)
      .map(({ reference }) => reference)
    const untagged = image.reference === undefined ? names : names.filter((name) => name === image.reference)
    if (!force && image.reference === undefined) refuseSeveral(image, names)
    const user = untagged.length === names.length ? inUse(image.id) : undefined
    const isLast = untagged.length === names.length && user === undefined
    if (user !== undefined && !(force && untagged.length > 0)) {
      const name = image.reference ?? shortId(hexOf(image.id))
      throw new RtError('RT_IMAGE_IN_USE', `The image ${name} is used by the container ${user}.`, {
        remedy: `Remove the container first: rt rm ${user}`,
      })
    }
    for (const name of untagged) rmSync(layout.reference(name), { force: true })
    if (isLast) rmSync(layout.config(hexOf(image.id)), { force: true })
    const space = makeWorkspace(layout)
    writeIndex(layout, space)
    sweepFetches(layout)
    const layers = collectGarbage(layout, space)
    return { workspace: space, removed: { untagged, deleted: isLast ? [image.id, ...layers] : layers } }
  })
  workspace.dispose()
  return removed
}
