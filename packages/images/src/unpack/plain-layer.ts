import type { NewLayer } from '../store/adopt.ts'
import { ArchiveCopy, archivePath } from '../store/archive-copy.ts'
import { makeTree } from '../store/workspace.ts'
import type { Workspace } from '../store/write.ts'
import { LayerUnpacker } from './layer.ts'

/** As LayerUnpacker takes them. */
interface Unpacking {
  readonly isLayer?: boolean
  readonly onWarning?: ((text: string) => void) | undefined
}

/**
 * A layer of what `write` gives to `push` in order, an archive that nothing has packed: its tree, and beside it the archive, whose digest is
 * its diffID. Errors: RT_DISK_FULL, those of a LayerUnpacker, and what `write` throws.
 */
export const plainLayer = async (
  workspace: Workspace,
  { isLayer = false, onWarning }: Unpacking,
  write: (push: (piece: Buffer) => void) => Promise<void>,
): Promise<NewLayer> => {
  const tree = makeTree(workspace)
  const unpacker = new LayerUnpacker(tree, {}, onWarning, { isLayer })
  const copy = new ArchiveCopy(archivePath(workspace), { hashed: false })
  try {
    await write((piece) => {
      unpacker.push(piece)
      copy.push(piece)
    })
    const facts = unpacker.finish()
    return { tree, ...facts, blob: copy.finish('', facts.diffId) }
  } catch (error) {
    unpacker.abandon()
    copy.abandon()
    throw error
  }
}
