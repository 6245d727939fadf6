import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'
import type { Image } from '../store/image.ts'
import type { Layout } from '../store/layout.ts'
import { LayoutFolder } from './layout-folder.ts'
import { loadFrom } from './load.ts'
import type { LoadOptions } from './options.ts'

/** See ImageStore.adopt; `names` in canonical form. */
export const adoptLayout = async (
  layout: Layout,
  names: readonly string[],
  fill: (directory: string) => Promise<void>,
  options: LoadOptions,
): Promise<Image> => {
  const [image] = await loadFrom(
    layout,
    async (workspace) => {
      const directory = join(workspace.path, 'layout')
      mkdirSync(directory, { mode: 0o700 })
      await fill(directory)
      return new LayoutFolder(directory, { isOwn: true })
    },
    { ...options, single: { path: 'The builder', pick: undefined, names } },
  )
  if (image === undefined) throw new RtError('RT_INTERNAL', 'An image was loaded and is not there.')
  return image
}
