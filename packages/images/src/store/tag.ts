import { canonical } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { writeManifest, writeReference } from './commit.ts'
import type { Image } from './image.ts'
import { writeIndex } from './index-file.ts'
import type { Layout } from './layout.ts'
import { readReferences } from './read.ts'
import { locked, makeWorkspace } from './write.ts'

/** See ImageStore.tag. */
export const tagImage = (layout: Layout, require: () => Image, target: string): void => {
  const to = parseReference(target)
  const reference = canonical(to)
  // Before the lock is made where there may be no store yet.
  require()
  const workspace = locked(layout, () => {
    const image = require()
    const space = makeWorkspace(layout)
    const records = readReferences(layout).filter(({ id }) => id === image.id)
    const record =
      records.find((one) => one.reference === image.reference) ?? records.find(({ manifest }) => manifest !== undefined)
    const manifest = record?.manifest ?? writeManifest(layout, space, image.id, image.config)
    // A registry knows it by this digest in that repository only.
    const { domain, path } = parseReference(record?.reference ?? reference)
    const digest = domain === to.domain && path === to.path ? record?.digest : undefined
    writeReference(layout, space, { reference, id: image.id, ...(manifest && { manifest }), ...(digest && { digest }) })
    writeIndex(layout, space)
    return space
  })
  workspace.dispose()
}
