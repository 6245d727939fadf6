import { isFolderId } from '@rt/images'
import type { Parts } from '../runtime/parts.ts'
import type { ContainerRecord } from '../store/record.ts'
import { treeSize } from '../store/tree-size.ts'
import { storageView } from './inspect.ts'

/** Bytes, as the files' lengths add up. */
export interface ContainerSize {
  /** Of what the container has written; undefined: its storage driver cannot tell that apart. */
  readonly written?: number
  /** Of all it sees: the image and what it has written. */
  readonly total?: number
}

/** @param images memory of the images' sizes, for several containers of one image */
export const containerSize = async (
  rt: Parts,
  record: ContainerRecord,
  images = new Map<string, number>(),
): Promise<ContainerSize> => {
  const image = rt.images.ofContainer(record.image.id)
  const view = await storageView(rt, record, image)
  if (view.upper === undefined) return view.root === undefined ? {} : { total: treeSize(view.root) }
  if (images.size === 0) for (const { id, size } of rt.images.list()) images.set(id, size)
  const written = treeSize(view.upper)
  const below = isFolderId(record.image.id) ? treeSize(record.image.id) : images.get(record.image.id)
  return { written, total: written + (below ?? 0) }
}
