import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from '../store/layout.ts'
import { readJson } from '../store/read.ts'
import { locked, makeWorkspace, writeAtomically } from '../store/write.ts'

/** Content of a file of `sources`: what an archive was when it was loaded, and which image was in it. */
export interface SourceRecord {
  readonly path: string
  readonly state: string
  readonly id: string
}

/** An archive as it is at this moment. */
export interface Source {
  readonly path: string
  readonly key: string
  readonly state: string
  /** The id of the image that it had when it was last loaded; undefined: it was not, or has changed since. */
  read(layout: Layout): string | undefined
}

/** Files change their ctime with the kernel's clock tick, 10 ms at most: two changes within one look like one. */
const TICK_MS = 20

export const sourceOf = (path: string, chosen: { pick: string | undefined; platform: string | undefined }): Source => {
  const key = createHash('sha256')
    .update(JSON.stringify([path, chosen]))
    .digest('hex')
  const state = stateOf(path)
  const read = (layout: Layout): string | undefined => {
    const record = readJson<SourceRecord>(fileOf(layout, key))
    return record?.state === state ? record.id : undefined
  }
  return { path, key, state, read }
}

/** Unless it has changed since `source` was made, or so lately that the next change might not show. */
export const rememberSource = (layout: Layout, { path, key, state }: Source, id: string): void => {
  if (stateOf(path) !== state || Date.now() - statSync(path).ctimeMs < TICK_MS) return
  const workspace = locked(layout, () => {
    const space = makeWorkspace(layout)
    writeAtomically(space, fileOf(layout, key), JSON.stringify({ path, state, id } satisfies SourceRecord))
    return space
  })
  workspace.dispose()
}

/** Nobody can change a file and leave all of these as they were: the ctime is the kernel's. */
const stateOf = (path: string): string => {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

const fileOf = (layout: Layout, key: string): string => join(layout.sources, `${key}.json`)
