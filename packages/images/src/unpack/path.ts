import { hostile } from '../tar/errors.ts'

/** PATH_MAX and NAME_MAX of Linux, bytes. */
const MAX_PATH = 4095
const MAX_NAME = 255

/**
 * The components of a path inside the new root. A leading `/` and `./` are dropped, as tar and Docker do; the root itself is the empty list.
 * Errors: RT_ARCHIVE_HOSTILE.
 */
export const components = (path: string, entry: string, maxDepth: number): string[] => {
  if (path.length > MAX_PATH) throw hostile(entry, `its path is longer than ${MAX_PATH} bytes`)
  if (path.includes('\0')) throw hostile(entry, 'its path has a NUL byte')
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw hostile(entry, 'its path has ".." in it')
  if (parts.length > maxDepth) throw hostile(entry, `it is more than ${maxDepth} directories deep`)
  if (parts.some((part) => part.length > MAX_NAME))
    throw hostile(entry, `a part of its path is longer than ${MAX_NAME} bytes`)
  return parts
}

/** A byte string for the kernel. */
export const toName = (name: string): string | Uint8Array => (ASCII.test(name) ? name : Buffer.from(name, 'latin1'))

// biome-ignore lint/suspicious/noControlCharactersInRegex: every byte but those above 127.
const ASCII = /^[\x00-\x7f]*$/
