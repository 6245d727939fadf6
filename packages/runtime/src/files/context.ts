import type { Image, ImageStore } from '@rt/images'
import { isLocked } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import type { ContainerRecord } from '../store/record.ts'
import { imageGone } from '../store/refused.ts'

/** What the operations on containers' files need of the runtime. */
export interface FilesContext {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly images: ImageStore
}

export const isLive = ({ layout }: FilesContext, { id }: ContainerRecord): boolean => isLocked(layout.lock(id))

/** Errors: RT_IMAGE_UNKNOWN, RT_IMAGE_PATH. */
export const imageOf = ({ images }: FilesContext, record: ContainerRecord): Image => {
  const image = images.ofContainer(record.image.id)
  if (image === undefined) throw imageGone(record)
  return image
}
