import { existsSync, statSync } from 'node:fs'
import {
  type DriverContext,
  declaredOptions,
  type HostStep,
  type Probe,
  type StorageDriver,
  type StorageDriverClass,
  type StoragePlan,
  type StorageRequest,
  type StorageView,
} from '@rt/driver-api'

const OPTIONS = {}

/** The image's layers, copied into the container's own directory, one after the other. */
export default class {{class}} implements StorageDriver {
  static readonly options = OPTIONS

  constructor({ options }: DriverContext) {
    declaredOptions('storage.{{name}}', options, OPTIONS)
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'works on every file system' }
  }

  async prepare({ directory, layers, rootMountPoint }: StorageRequest): Promise<StoragePlan> {
    const root = rootOf(directory)
    const complete = `${root}.complete`
    return {
      // What a container has written must be there again when it starts anew; a copy that was cut short is made again.
      enter: existsSync(complete) ? [] : copy(root, complete, layers),
      mounts: [
        {
          where: 'sandbox',
          op: 'mount',
          source: root,
          target: rootMountPoint,
          inside: false,
          flags: ['bind'],
          why: 'The new root has to be a mount point.',
          see: 'pivot_root(2)',
        },
      ],
      // Everything lies in the container's directory, which rt removes.
      leave: [],
    }
  }

  async view({ directory }: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { root: rootOf(directory) }
  }
}

const rootOf = (directory: string): string => `${directory}/rootfs`

const copy = (root: string, complete: string, layers: StorageRequest['layers']): HostStep[] => [
  { where: 'host', op: 'tree.remove', path: root, why: 'An earlier copy may have been cut short.' },
  {
    where: 'host',
    op: 'dir.make',
    path: root,
    mode: statSync(layers[0]).mode & 0o7777,
    why: "The container's root.",
  },
  ...layers.toReversed().map(
    (from, index): HostStep => ({
      where: 'host',
      op: 'tree.copy',
      from,
      to: root,
      ...(index > 0 && { over: true }),
      why: 'The lowest layer first; each one replaces and deletes of those below.',
    }),
  ),
  { where: 'host', op: 'file.write', path: complete, content: '', mode: 0o600, why: 'Says that the copy is whole.' },
]

// What users get is checked here: a class that is no storage driver does not compile.
{{class}} satisfies StorageDriverClass
