import type { StorageView } from '@rt/driver-api'
import type { Image } from '@rt/images'
import type { Parts } from '../runtime/parts.ts'
import type { ContainerRecord } from '../store/record.ts'

export { networkId } from '../networks/look.ts'
export { see } from './list.ts'

/** Where the container's files lie; nothing where its driver does not tell or its image is gone. */
export const storageView = async (
  rt: Parts,
  record: ContainerRecord,
  image: Image | undefined,
): Promise<StorageView> => {
  const storage = await rt.drivers.resolve('storage', record.drivers.storage)
  if (!storage.view || !image) return {}
  return storage.view({ layers: image.layers, directory: rt.layout.container(record.id) })
}
