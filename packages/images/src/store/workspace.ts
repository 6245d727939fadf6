import { chmodSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { collectGarbage } from './collect.ts'
import type { Layout } from './layout.ts'
import { locked, makeWorkspace, type Workspace } from './write.ts'

/** A place to work in, after clearing away what crashed writers have left. */
export const openWorkspace = (layout: Layout): Workspace =>
  locked(layout, () => {
    const workspace = makeWorkspace(layout)
    collectGarbage(layout, workspace)
    return workspace
  })

/**
 * An empty root directory of a layer in the workspace. Its name is new each time: ext4 chooses the block group by it, and would come back to
 * that in which the same layer was removed a moment ago.
 */
export const makeTree = (workspace: Workspace): string => {
  const tree = mkdtempSync(join(workspace.path, 'tree-'))
  // The archive may not describe its root, and the umask of the user's shell must not decide who can enter a container's `/`.
  chmodSync(tree, 0o755)
  return tree
}
