import type { ImageStore, RegistryAccess } from '@rt/images'
import type { Config } from '../config/config.ts'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import type { Networks } from '../networks/index.ts'
import { type Container, listContainers } from '../store/containers.ts'
import { type Context, target } from '../store/context.ts'
import { lockStore } from '../store/lock.ts'
import { sweepNames } from '../store/names.ts'
import { makeStore } from '../store/prepare.ts'
import { reconcile } from '../store/reconcile.ts'
import type { Volumes } from '../volumes/index.ts'
import { requireRoot } from './require-root.ts'

/** What a runtime is made of, and what all that it does asks of that. */
export abstract class Parts {
  readonly config: Config
  readonly layout: Layout
  readonly drivers: DriverRegistry
  readonly images: ImageStore

  constructor(config: Config, layout: Layout, drivers: DriverRegistry, images: ImageStore) {
    this.config = config
    this.layout = layout
    this.drivers = drivers
    this.images = images
  }

  list(): Container[] {
    return listContainers(this.layout)
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
  find(text: string): Container {
    return target(this.layout, text)
  }

  driverNames(): { isolation: string; storage: string; network: string } {
    return {
      isolation: this.config.driver('isolation').value,
      storage: this.config.driver('storage').value,
      network: this.config.driver('network').value,
    }
  }

  /** How registries are reached, as the config says. */
  registryAccess(): RegistryAccess {
    return { registries: this.config.registries(), env: process.env }
  }

  protected context(): Context {
    makeStore(this.layout)
    return { layout: this.layout, registry: this.drivers, images: this.images }
  }

  /** Finishes what killed processes left; returns what could not be finished. */
  async reconcile(): Promise<Error[]> {
    requireRoot()
    makeStore(this.layout)
    const store = await lockStore(this.layout)
    try {
      return [...(await reconcile(this.layout, this.drivers)), ...sweepNames(this.layout)]
    } finally {
      store.release()
    }
  }

  /** Networks that the user defines, connecting and disconnecting: loaded when asked for. */
  async networks(): Promise<Networks> {
    requireRoot()
    const { Networks } = await import('../networks/index.ts')
    return new Networks(this.context())
  }

  /** Volumes: loaded when asked for. */
  async volumes(): Promise<Volumes> {
    requireRoot()
    const { Volumes } = await import('../volumes/index.ts')
    return new Volumes(this.context())
  }
}
