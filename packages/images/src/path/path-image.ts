import { existsSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { noImage } from '../archive/errors.ts'
import type { LoadOptions } from '../archive/options.ts'
import type { Image } from '../store/image.ts'
import type { Layout } from '../store/layout.ts'
import { folderImage } from './folder.ts'
import { sourceOf } from './sources.ts'

/** Docker's words for what `load` takes, of one image that gets no name. */
export type PathOptions = Pick<LoadOptions, 'platform' | 'limits' | 'onWarning'>

/**
 * The image at a path: an unpacked root file system stays where it is; an archive or an OCI layout becomes part of the store, without a name,
 * and is read again only when it has changed. `PATH:NAME` chooses one of several.
 * Errors: RT_IMAGE_PATH, and those of ImageStore.load.
 */
export const pathImage = async (
  layout: Layout,
  find: (id: string) => Image | undefined,
  text: string,
  options: PathOptions,
): Promise<Image> => {
  const { path, stats, pick } = locate(text)
  if (stats.isDirectory() && !isLayout(path)) {
    if (pick !== undefined) throw noImage(`${path} is a folder with one root file system: it has no "${pick}" in it.`)
    checkRoot(layout, path)
    const image = folderImage(path)
    if (image !== undefined) return image
    throw noImage(`${path} is not there any more.`)
  }
  if (!stats.isDirectory() && !stats.isFile()) throw noImage(`${path} is neither a file nor a folder.`)
  const table = stats.isDirectory() ? join(path, 'index.json') : path
  const source = sourceOf(layout, table, { pick, platform: options.platform })
  const present = source.id === undefined ? undefined : find(source.id)
  if (present !== undefined) return present
  const { loadPath } = await import('./load-path.ts')
  const image = await loadPath(layout, path, stats, source, { ...options, single: { path, pick } })
  if (image === undefined) throw noImage(`${path} has no image in it.`)
  return image
}

/** The path in full, without links, and what is behind its colon; a file that has one in its own name wins. */
const locate = (text: string): { path: string; stats: Stats; pick: string | undefined } => {
  for (let end = text.length; end > 0; end = text.lastIndexOf(':', end - 1)) {
    const path = resolve(text.slice(0, end))
    const stats = statSync(path, { throwIfNoEntry: false })
    const pick = text.slice(end + 1)
    if (stats !== undefined) return { path: realpathSync(path), stats, pick: pick === '' ? undefined : pick }
  }
  throw noImage(`There is nothing at ${resolve(text)}.`, NO_PATH)
}

const NO_PATH = 'Check the path. An image of a registry has a name that begins with neither "." nor "/".'

const isLayout = (path: string): boolean => existsSync(join(path, 'oci-layout'))

/** What every root file system has some of, at its top; one of a single static program may have none of them. */
const USUAL = ['bin', 'sbin', 'usr', 'lib', 'etc', 'init']

const checkRoot = (layout: Layout, path: string): void => {
  const own = dirname(layout.base)
  const data = existsSync(own) ? realpathSync(own) : own
  if (`${data}${sep}`.startsWith(path.endsWith(sep) ? path : path + sep))
    throw noImage(
      `The folder ${path} has rt's own data in it (${data}): a container's files cannot lie above themselves.`,
      'Use a folder beside it, or put the data elsewhere with --root.',
    )
  const names = readdirSync(path)
  if (names.length === 0)
    throw noImage(`The folder ${path} is empty.`, 'Unpack a root file system there first: `tar -x -C FOLDER`.')
  const inner = join(path, 'rootfs')
  if (!USUAL.some((name) => names.includes(name)) && statSync(inner, { throwIfNoEntry: false })?.isDirectory() === true)
    throw noImage(`The folder ${path} is no root file system, but has one in it.`, `Give that one: ${inner}`)
}
