import {
  chmodSync,
  closeSync,
  fchmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { errorCode } from '../sys/errno.ts'

/** Answers whether the directory was missing. The mode is exact, whatever the umask. */
export const makeDirectory = (path: string, mode: number): boolean => {
  const made = mkdirSync(path, { recursive: true, mode }) !== undefined
  if (made) chmodSync(path, mode)
  return made
}

export const writeFile = (path: string, content: string, mode: number, exclusive: boolean): void => {
  const fd = openSync(path, exclusive ? 'wx' : 'w', mode)
  try {
    fchmodSync(fd, mode)
    writeFileSync(fd, content)
  } catch (error) {
    // Half a lease on a full disk would look like a whole one.
    if (exclusive) unlinkSync(path)
    throw error
  } finally {
    closeSync(fd)
  }
}

/** The content of `to` under one more name, in place of what had it: at no time the name is free. */
export const linkFile = (path: string, to: string, symbolic: boolean): void => {
  unlessMissing(() => unlinkSync(`${path}.new`))
  if (symbolic) symlinkSync(to, `${path}.new`)
  else linkSync(to, `${path}.new`)
  renameSync(`${path}.new`, path)
  // rename(2) does nothing where both are the same file already.
  unlessMissing(() => unlinkSync(`${path}.new`))
}

/** Answers whether there was something to remove. `holding`: see the step. */
export const removeFile = (path: string, holding?: string): boolean =>
  (holding === undefined || contentOf(path) === holding) && unlessMissing(() => unlinkSync(path))

/** A symlink's target or a file's content; undefined where there is neither. */
const contentOf = (path: string): string | undefined => {
  let content: string | undefined
  unlessMissing(() => {
    content = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path, 'utf8')
  })
  return content
}

/** `fullStays`: see the step. */
export const removeDirectory = (path: string, fullStays = false): boolean =>
  unlessMissing(() => {
    try {
      rmdirSync(path)
    } catch (error) {
      if (!fullStays || errorCode(error) !== 'ENOTEMPTY') throw error
    }
  })

const unlessMissing = (remove: () => void): boolean => {
  try {
    remove()
    return true
  } catch (error) {
    const code = errorCode(error)
    // ENOTDIR: a parent has become a file, so the path is gone as well.
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}
