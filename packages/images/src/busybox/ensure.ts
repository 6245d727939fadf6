import type { ImageStore } from '../image-store.ts'
import type { Image } from '../store/image.ts'
import { BUSYBOX } from './name.ts'

/**
 * The image `busybox`; built from the machine's own static busybox where nothing has that name. `built` says so, for the user to be told.
 * Errors: RT_IMAGE_UNKNOWN where the machine has no static busybox, with the remedy; RT_DISK_FULL.
 */
export const ensureBusybox = async (store: ImageStore): Promise<{ readonly image: Image; readonly built: boolean }> => {
  const image = store.find(BUSYBOX)
  if (image !== undefined) return { image, built: false }
  const { buildBusybox } = await import('./build.ts')
  return { image: await buildBusybox(store.layout), built: true }
}
