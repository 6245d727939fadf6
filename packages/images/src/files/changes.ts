import type { BigIntStats } from 'node:fs'
import { linkTarget } from '@rt/native/fsat'
import { attributesOf, isOpaque, isWhiteout, type Node, typeOf } from './node.ts'

/** `A`: new, `C`: was there before and is not the same, `D`: was there before. */
export type ChangeKind = 'A' | 'C' | 'D'

/** One name in the tree of what has changed. Names are byte strings (latin1). */
export interface Change {
  readonly name: string
  readonly kind: ChangeKind
  readonly children: readonly Change[]
}

export interface ChangeInput {
  /** What there is now: the complete tree, or only overlay's upper directory. */
  readonly now: Node
  readonly isComplete: boolean
  readonly before: Node
  /**
   * Absolute paths of mount points that rt makes by itself (byte strings): what is new there, and directories that were made only to hold
   * them, are no change of the container's.
   */
  readonly hidden: ReadonlySet<string>
}

/** What has changed at the top and below: an entry for every new, changed or deleted name. */
export const findChanges = ({ now, isComplete, before, hidden }: ChangeInput): readonly Change[] =>
  new Comparison(isComplete, hidden).directory(now, before, isComplete, '')

class Comparison {
  readonly #isComplete: boolean
  readonly #hidden: ReadonlySet<string>

  constructor(isComplete: boolean, hidden: ReadonlySet<string>) {
    this.#isComplete = isComplete
    this.#hidden = hidden
  }

  /** `opaque`: names that `now` does not have are gone, and not just unchanged. `before`: undefined where there was no directory. */
  directory(now: Node, before: Node | undefined, opaque: boolean, path: string): Change[] {
    const names = now.names()
    const changes: Change[] = []
    for (const name of names) {
      const child = now.open(name)
      if (child === undefined) continue
      const old = before?.open(name)
      try {
        const change = this.#compare(name, child, old, opaque, `${path}/${name}`)
        if (change !== undefined) changes.push(change)
      } finally {
        child.close()
        old?.close()
      }
    }
    if (opaque && before !== undefined) changes.push(...deleted(before, names))
    return changes
  }

  #compare(name: string, now: Node, old: Node | undefined, opaque: boolean, path: string): Change | undefined {
    if (isWhiteout(now.stat) && !this.#isComplete)
      return old === undefined ? undefined : { name, kind: 'D', children: [] }
    if (old === undefined && this.#hidden.has(path)) return undefined
    const kind = old === undefined ? 'A' : 'C'
    if (!now.stat.isDirectory()) {
      const same = this.#isComplete && old !== undefined && isSame(now, old)
      return same ? undefined : { name, kind, children: [] }
    }
    const oldDirectory = old?.stat.isDirectory() === true ? old : undefined
    const hides = opaque || (!this.#isComplete && isOpaque(now.fd))
    const children = this.directory(now, oldDirectory, hides, path)
    if (children.length > 0) return { name, kind, children }
    if (oldDirectory !== undefined && isSame(now, oldDirectory)) return undefined
    return old === undefined && this.#holdsHidden(path) ? undefined : { name, kind, children }
  }

  #holdsHidden(path: string): boolean {
    for (const hidden of this.#hidden) if (hidden.startsWith(`${path}/`)) return true
    return false
  }
}

const deleted = (before: Node, names: readonly string[]): Change[] => {
  const present = new Set(names)
  return before
    .names()
    .filter((name) => !present.has(name))
    .map((name) => ({ name, kind: 'D', children: [] }))
}

/** Whether both are the same as far as can be seen without reading them. Size and time of a directory are those of its content. */
const isSame = (now: Node, old: Node): boolean => {
  const [a, b] = [now.stat, old.stat]
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false
  if (!a.isDirectory() && (a.size !== b.size || a.mtimeNs !== b.mtimeNs)) return false
  if (a.isSymbolicLink() && linkTarget(now.fd) !== linkTarget(old.fd)) return false
  return sameDevice(a, b) && sameAttributes(attributesOf(now.fd), attributesOf(old.fd))
}

const sameDevice = (a: BigIntStats, b: BigIntStats): boolean => {
  const type = typeOf(a)
  return (type !== 'char' && type !== 'block') || a.rdev === b.rdev
}

const sameAttributes = (a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): boolean =>
  a.size === b.size && [...a].every(([name, value]) => b.get(name)?.equals(value) === true)

/** Every change with its absolute path (a byte string), sorted by it. */
export const listChanges = (changes: readonly Change[]): [kind: ChangeKind, path: string][] => {
  const list: [ChangeKind, string][] = []
  const add = (below: readonly Change[], path: string): void => {
    for (const { name, kind, children } of below) {
      list.push([kind, `${path}/${name}`])
      add(children, `${path}/${name}`)
    }
  }
  add(changes, '')
  return list.sort(([, a], [, b]) => (a < b ? -1 : 1))
}
