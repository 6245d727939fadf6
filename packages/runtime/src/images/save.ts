import type { ArchiveFormat, ImageStore } from '@rt/images'
import { writeAll } from '@rt/native/fsat'
import { intoFile } from '../files/export.ts'

/** A file gets its name when it is complete. */
export const saveImages = (
  images: ImageStore,
  names: readonly string[],
  format: ArchiveFormat,
  target: string | number,
): Promise<void> => {
  // Before a file is made for what is not there.
  for (const name of names) images.require(name)
  const write = (fd: number): Promise<void> => images.save(names, format, (bytes) => writeAll(fd, bytes))
  return typeof target === 'number' ? write(target) : intoFile(target, write)
}
