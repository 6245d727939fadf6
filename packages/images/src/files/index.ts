/** Reading and writing trees: copies, archives and what has changed. */

export { TarEncoder } from '../tar/encoder.ts'
export { TarReader } from '../tar/reader.ts'
export { pumpArchive } from '../unpack/pump.ts'
export { type ChangeKind, findChanges, listChanges } from './changes.ts'
export { archive, type CopyOptions, copy, openArchiveTarget, writeError } from './copy.ts'
export { writeLayer } from './layer.ts'
export { openMerged } from './merged.ts'
export { type Node, plainNode } from './node.ts'
export { type Tree, type Wanted, wanted } from './place.ts'
export { finish, TreeReader, type Work } from './walk.ts'
