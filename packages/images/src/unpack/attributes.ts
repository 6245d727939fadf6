import { errorCode } from '@rt/native'
import { setNodeAttribute } from '@rt/native/fsat'
import type { TarEntry } from '../tar/entry.ts'
import { hostile, shown } from '../tar/errors.ts'
import { toName } from './path.ts'

/** Sets the entry's extended attributes on what `fd` holds. What the file system cannot keep is told to `warn`. Errors: RT_ARCHIVE_HOSTILE. */
export const setAttributes = (fd: number, entry: TarEntry, warn: (text: string) => void): void => {
  for (const [attribute, value] of entry.xattrs) {
    // overlayfs takes these for its own: a redirect or metacopy in a lower layer shows files of the image's maker's choice.
    if (/^(?:trusted|user)\.overlay\./.test(attribute)) {
      throw hostile(entry.path, `it has overlayfs's own attribute ${attribute}`)
    }
    try {
      setNodeAttribute(fd, toName(attribute), value)
    } catch (error) {
      const code = errorCode(error)
      if (code !== 'EOPNOTSUPP' && code !== 'ENOTSUP') throw error
      warn(`The file system cannot keep the attribute ${shown(attribute)} of ${shown(entry.path)}.`)
    }
  }
}
