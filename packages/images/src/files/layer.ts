import { EMPTY_FILE } from '../tar/entry.ts'
import type { TarSink } from '../tar/sink.ts'
import { WHITEOUT } from '../unpack/whiteouts.ts'
import type { Change } from './changes.ts'
import type { Node } from './node.ts'
import { TreeReader, type Work } from './walk.ts'

/** Hands the changes of a tree on as the archive of an image layer; `now` as `findChanges` had it. */
export function* writeLayer(now: Node, changes: readonly Change[], sink: TarSink): Work {
  const reader = new TreeReader(sink)
  yield* reader.node(now, '')
  yield* below(now, changes, '', reader, sink)
}

function* below(now: Node, changes: readonly Change[], path: string, reader: TreeReader, sink: TarSink): Work {
  // Whiteouts first: nothing of the same directory can be meant by them.
  for (const { name, kind } of changes) if (kind === 'D') deletion(`${path}${WHITEOUT}${name}`, sink)
  for (const { name, kind, children } of changes) {
    // A file that is really called so cannot be said in a layer.
    const node = kind === 'D' || name.startsWith(WHITEOUT) ? undefined : now.open(name)
    if (node === undefined) continue
    try {
      yield* reader.node(node, `${path}${name}`)
      yield* below(node, children, `${path}${name}/`, reader, sink)
    } finally {
      node.close()
    }
  }
}

const deletion = (path: string, sink: TarSink): void => {
  sink.entry({ ...EMPTY_FILE, path })
  sink.close()
}
