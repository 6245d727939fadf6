import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import type { ImageSummary } from './image.ts'
import type { Layout } from './layout.ts'

/** Fewer are read as quickly as a list of them. */
const WORTH_IT = 20
/** Directories change their mtime with the kernel's clock tick, 10 ms at most: two changes within one look like one. */
const TICK_MS = 20

interface KeptList {
  readonly state: string
  readonly images: ImageSummary[]
}

/** What `make` answers, or what it answered before where nothing has changed since: of 200 images it would read 600 files. */
export const keptList = (layout: Layout, make: () => ImageSummary[]): ImageSummary[] => {
  const before = stateOf(layout)
  const kept = before === undefined ? undefined : read(layout)
  if (kept !== undefined && kept.state === before?.text) return kept.images
  const images = make()
  if (before === undefined || images.length < WORTH_IT || Date.now() - before.changedMs < TICK_MS) return images
  if (stateOf(layout)?.text === before.text) keep(layout, { state: before.text, images })
  return images
}

/** All that the list is made of comes and goes by a new name in one of these. */
const stateOf = (layout: Layout): { text: string; changedMs: number } | undefined => {
  let [text, changedMs] = ['', 0]
  for (const directory of [layout.references, layout.configs, layout.layers]) {
    const stats = statSync(directory, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined) return undefined
    text += `${stats.ino} ${stats.ctimeNs} `
    changedMs = Math.max(changedMs, Number(stats.ctimeMs))
  }
  return { text, changedMs }
}

/** undefined: there is none, or half of one. */
const read = (layout: Layout): KeptList | undefined => {
  try {
    return JSON.parse(readFileSync(layout.list, 'utf8')) as KeptList
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A list is only ever a short cut: on a disk that is full or read-only there is none. */
const keep = (layout: Layout, list: KeptList): void => {
  try {
    writeFileSync(`${layout.list}.part`, JSON.stringify(list), { mode: 0o600 })
    renameSync(`${layout.list}.part`, layout.list)
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
  }
}
