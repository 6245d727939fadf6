import { statSync } from 'node:fs'
import type { Layout } from '../store/layout.ts'
import { readJson } from '../store/read.ts'

/** Content of a file of `sources`: what an archive was when it was loaded, and which image was in it. */
export interface SourceRecord {
  readonly path: string
  readonly state: string
  readonly id: string
}

/** An archive as it is at this moment. */
export interface Source {
  readonly path: string
  readonly state: string
  /** Where it is remembered which image was in it. */
  readonly file: string
  /** The id of the image that it had when it was last loaded; undefined: it was not, or has changed since. */
  readonly id: string | undefined
}

export const sourceOf = (
  layout: Layout,
  path: string,
  { pick, platform }: { readonly pick: string | undefined; readonly platform: string | undefined },
): Source => {
  // No file's name has a NUL, nor has what is given behind it.
  const file = layout.source([path, pick, platform].map((part) => part ?? '').join('\0'))
  const state = stateOf(path)
  const record = readJson<SourceRecord>(file)
  return { path, state, file, id: record?.state === state ? record.id : undefined }
}

/** Nobody can change a file and leave all of these as they were: the ctime is the kernel's. */
export const stateOf = (path: string): string => {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
