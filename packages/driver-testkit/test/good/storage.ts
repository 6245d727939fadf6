import { existsSync } from 'node:fs'
import {
  type DriverContext,
  declaredOptions,
  type HostStep,
  type Probe,
  type StorageCapabilities,
  type StorageDriver,
  type StoragePlan,
  type StorageRequest,
  type StorageView,
} from '@rt/driver-api'

/** Each container has a copy of its image: a storage driver that keeps its promises. */
export default class Plain implements StorageDriver {
  static readonly capabilities: Partial<StorageCapabilities> = {}

  constructor({ options }: DriverContext) {
    declaredOptions('storage.plain', options, {})
  }

  async probe(): Promise<Probe> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async prepare(request: StorageRequest): Promise<StoragePlan> {
    const enter = this.isComplete(request) ? [] : this.copy(request)
    return { enter, mounts: [this.show(this.root(request), request.rootMountPoint)], leave: [] }
  }

  async view(request: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { root: this.root(request) }
  }

  protected root({ directory }: Pick<StorageRequest, 'directory'>): string {
    return `${directory}/rootfs`
  }

  protected isComplete(request: StorageRequest): boolean {
    return existsSync(`${this.root(request)}.complete`)
  }

  /** The lowest layer first. */
  protected copy(request: StorageRequest): HostStep[] {
    const to = this.root(request)
    const why = 'Each container has a copy of its own.'
    return [
      { where: 'host', op: 'tree.remove', path: to, why: 'An earlier copy may have been cut short.' },
      { where: 'host', op: 'dir.make', path: to, mode: 0o755, why },
      ...request.layers.toReversed().map((from, index): HostStep => {
        return { where: 'host', op: 'tree.copy', from, to, ...(index > 0 && { over: true }), why }
      }),
      { where: 'host', op: 'file.write', path: `${to}.complete`, content: '', mode: 0o600, why: 'The copy is whole.' },
    ]
  }

  protected show(source: string, target: string): StoragePlan['mounts'][number] {
    const why = 'A root has to be a mount point.'
    return { where: 'sandbox', op: 'mount', source, target, inside: false, flags: ['bind'], why }
  }
}
