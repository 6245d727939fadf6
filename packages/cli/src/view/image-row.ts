import type { ImageSummary } from '@rt/images'
import type { Column, Row } from '../format.ts'
import { humanSize } from '../sizes.ts'
import { ago, goTime } from '../time.ts'
import { nameAndTag, shortImageId } from './image-name.ts'

export const IMAGE_COLUMNS: readonly Column[] = [
  { field: 'Repository', header: 'REPOSITORY' },
  { field: 'Tag', header: 'TAG' },
  { field: 'Digest', header: 'DIGEST' },
  { field: 'ID', header: 'IMAGE ID' },
  { field: 'CreatedSince', header: 'CREATED' },
  { field: 'CreatedAt', header: 'CREATED AT' },
  { field: 'Size', header: 'SIZE' },
]

/** An image's fields under Docker's names. */
export const imageRow = ({ reference, id, digest, created, size }: ImageSummary, truncate: boolean): Row => ({
  Repository: () => nameAndTag(reference)[0],
  Tag: () => nameAndTag(reference)[1],
  Digest: () => digest ?? '<none>',
  ID: () => (truncate ? shortImageId(id) : id),
  CreatedSince: () => (created === undefined ? '' : `${ago(created)} ago`),
  CreatedAt: () => (created === undefined ? '' : goTime(created)),
  Size: () => humanSize(size),
})
