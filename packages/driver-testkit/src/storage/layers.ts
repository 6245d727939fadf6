import { mkdirSync, writeFileSync } from 'node:fs'
import { program } from '@rt/native/throwaway'

const BOTTOM = {
  'kept.txt': 'from below\n',
  'changed.txt': 'old\n',
  'gone.txt': 'never seen\n',
  'dir/inside.txt': 'in dir\n',
}
const TOP = { 'changed.txt': 'new\n', 'added.txt': 'from above\n' }

/** What the two layers are together. */
export const MERGED: Readonly<Record<string, string>> = {
  'kept.txt': 'from below\n',
  'changed.txt': 'new\n',
  'added.txt': 'from above\n',
  'dir/inside.txt': 'in dir\n',
}
export const DELETED = 'gone.txt'

/** An image of two layers, of which the upper one replaces a file and deletes another. Topmost first. */
export const makeLayers = async (directory: string): Promise<[string, string]> => {
  const [top, bottom] = [`${directory}/top`, `${directory}/bottom`]
  for (const [layer, files] of [
    [bottom, BOTTOM],
    [top, TOP],
  ] as const) {
    mkdirSync(`${layer}/dir`, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(`${layer}/${name}`, text)
  }
  const { code, stderr } = await program(['mknod', `${top}/${DELETED}`, 'c', '0', '0'])
  if (code !== 0) throw new Error(`no whiteout can be made: ${stderr.trim()}`)
  return [top, bottom]
}
