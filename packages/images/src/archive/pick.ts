import { canonical, familiar } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { sha256 } from '../registry/documents.ts'
import type { ArchivedImage } from './contents.ts'
import { noImage } from './errors.ts'
import type { LoadOptions } from './options.ts'

/** The one image of an archive that is meant. It keeps no name: what it was called elsewhere may be something else here. Errors: RT_IMAGE_PATH. */
export const pickImage = (
  images: readonly ArchivedImage[],
  { path, pick, names: own = [] }: NonNullable<LoadOptions['single']>,
): ArchivedImage => {
  // One that has several names is there once for each.
  const distinct = new Map(images.filter((image) => isMeant(image, pick)).map((image) => [sha256(image.config), image]))
  const [image] = distinct.values()
  if (image !== undefined && distinct.size === 1) return { ...image, names: own }
  const names = images.flatMap((one) => one.names.map((name) => familiar(parseReference(name))))
  const list =
    names.length === 0 ? '' : `: ${names.slice(0, MOST_SHOWN).join(', ')}${names.length > MOST_SHOWN ? ', …' : ''}`
  if (image !== undefined) throw noImage(`${path} has ${distinct.size} images${list}.`, `Say which one: ${path}:NAME`)
  throw noImage(pick === undefined ? `${path} has no image in it.` : `${path} has no image "${pick}"${list}.`)
}

const MOST_SHOWN = 8

/** By its name, or by its tag alone as Skopeo has it in layouts. */
const isMeant = ({ names, tags = [] }: ArchivedImage, pick: string | undefined): boolean => {
  if (pick === undefined || tags.includes(pick)) return true
  return names.some((name) => name === pick || name === canonicalOf(pick))
}

const canonicalOf = (text: string): string => canonical(parseReference(text))
