import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** A reader sees the old content or the new, never half of it. */
export const writeAtomically = (path: string, content: string, mode = 0o600): void => {
  writeFileSync(`${path}.new`, content, { mode })
  renameSync(`${path}.new`, path)
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** undefined where there is no such file. */
export const readIfThere = (path: string): string | undefined => {
  // Asked first: making an error costs ten times as much as asking, and `ps` asks for every container.
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (missing(error)) return undefined
    throw error
  }
}

/** Names in a directory; none where there is no such directory. */
export const listIfThere = (path: string): string[] => {
  try {
    return readdirSync(path)
  } catch (error) {
    if (missing(error)) return []
    throw error
  }
}
