import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { BUSYBOX, ensureBusybox, type Image, type ImageStore, isBusybox, type RemovedImage } from '@rt/images'
import { lock, performLeave } from '@rt/native'
import { inject, injectable } from 'tsyringe'
import type { Config } from './config/config.ts'
import { DriverRegistry, type Drivers } from './drivers/registry.ts'
import type { Layout } from './layout.ts'
import { Lifecycle } from './lifecycle/lifecycle.ts'
import { requireRoot } from './require-root.ts'
import { type ShimFailure, undoFailedStart } from './run/failed.ts'
import { effectiveHostname } from './run/host-files.ts'
import { type ContainerPlan, planContainer } from './run/plan.ts'
import type { RunRequest } from './run/request.ts'
import { type Handlers, start } from './run/start.ts'
import { type Container, listContainers, readContainer } from './store/containers.ts'
import { findContainer } from './store/find.ts'
import { newContainerId, randomName } from './store/identity.ts'
import { cleanUpAfter } from './store/leave.ts'
import { sweepNames } from './store/names.ts'
import { makeStore } from './store/prepare.ts'
import { liveContainers, reconcile, survey } from './store/reconcile.ts'
import { CONFIG, IMAGES, LAYOUT } from './tokens.ts'

/** What an embedder and the command line share: the lifecycle of containers over whichever drivers the config names. */
@injectable()
export class Runtime {
  readonly config: Config
  readonly layout: Layout
  readonly drivers: DriverRegistry
  readonly images: ImageStore
  /** What is done to containers that exist. */
  readonly lifecycle: Lifecycle

  constructor(
    @inject(CONFIG) config: Config,
    @inject(LAYOUT) layout: Layout,
    @inject(DriverRegistry) drivers: DriverRegistry,
    @inject(IMAGES) images: ImageStore,
  ) {
    this.config = config
    this.layout = layout
    this.drivers = drivers
    this.images = images
    this.lifecycle = new Lifecycle({ layout, registry: drivers, images })
  }

  /**
   * Starts a container and becomes its shim; see `start`.
   *
   * @param tell is given one line when something had to be made first
   */
  async run(request: RunRequest, handlers: Handlers, tell: (line: string) => void): Promise<never> {
    requireRoot()
    const names = this.driverNames()
    return start({
      layout: this.layout,
      registry: this.drivers,
      drivers: await this.configuredDrivers(),
      names,
      image: await this.image(request.image, tell),
      request,
      ...handlers,
    })
  }

  /** The plan of a run that is not performed: for `explain` and `--dry-run`. Leases are given back. */
  async plan(request: RunRequest, tell: (line: string) => void): Promise<ContainerPlan> {
    requireRoot()
    makeStore(this.layout)
    const drivers = await this.configuredDrivers()
    const image = await this.image(request.image, tell)
    const id = newContainerId()
    const identity = {
      id,
      name: request.name ?? randomName(),
      hostname: effectiveHostname(request, { id }, this.driverNames().network),
    }
    const cgroups = (await drivers.isolation.cgroups?.(identity)) ?? { enter: [], directories: [], leave: [] }
    const plan = await planContainer({ drivers, layout: this.layout, identity, cgroups, request, image })
    const [error] = performLeave(plan.network.leave)
    if (error) throw error
    return plan
  }

  /** Called by the process that the shim becomes when a start fails. */
  failedStart(id: ContainerId, failure: ShimFailure): RtError {
    return undoFailedStart(this.layout, id, failure)
  }

  /** Called by the process that the shim becomes when a container has ended and a clean-up step is beyond the shim. */
  ended(id: ContainerId): Error[] {
    return cleanUpAfter(this.layout, id)
  }

  /** Finishes what killed processes left; returns what could not be finished. */
  async reconcile(): Promise<Error[]> {
    requireRoot()
    makeStore(this.layout)
    const store = lock(this.layout.storeLock)
    try {
      return [...(await reconcile(this.layout, this.drivers)), ...sweepNames(this.layout)]
    } finally {
      store.release()
    }
  }

  /**
   * Takes away what all containers share (bridges, firewall rules, sysctls), and puts the host back as rt found it. Containers and images stay.
   *
   * @throws RtError RT_CONTAINER_RUNNING while one lives; the first step that could not be performed
   */
  async reset(): Promise<void> {
    requireRoot()
    makeStore(this.layout)
    const store = lock(this.layout.storeLock)
    try {
      await reconcile(this.layout, this.drivers)
      const [live] = liveContainers(this.layout)
      if (live !== undefined)
        throw new RtError('RT_CONTAINER_RUNNING', `The container ${shortId(live)} still uses what would be taken away`)
      for (const { axis, name } of this.drivers.list()) {
        if (axis !== 'network') continue
        const driver = await this.drivers.resolve('network', name)
        const [error] = performLeave((await driver.reset?.()) ?? [])
        if (error) throw error
      }
    } finally {
      store.release()
    }
  }

  list(): Container[] {
    return listContainers(this.layout)
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
  find(text: string): Container {
    const id = findContainer(this.layout, text)
    const container = readContainer(this.layout, id)
    if (!container) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${text}`)
    return container
  }

  /** Finishes what killed processes left, and answers what there is now and what could not be finished. */
  async look(): Promise<{ readonly containers: Container[]; readonly leftovers: Error[] }> {
    requireRoot()
    makeStore(this.layout)
    const store = lock(this.layout.storeLock)
    try {
      const found = survey(this.layout)
      const leftovers = [...(await reconcile(this.layout, this.drivers, found)), ...sweepNames(this.layout)]
      const { withPause } = await import('./lifecycle/paused.ts')
      const listed = listContainers(this.layout, found.live)
      return {
        containers: await Promise.all(listed.map((container) => withPause(this.drivers, container))),
        leftovers,
      }
    } finally {
      store.release()
    }
  }

  /** As `find`, with `paused` where the kernel has stopped it. */
  async container(text: string): Promise<Container> {
    const { withPause } = await import('./lifecycle/paused.ts')
    return withPause(this.drivers, this.find(text))
  }

  /** Makes a container that does not run yet. */
  async create(request: RunRequest, tell: (line: string) => void): Promise<ContainerId> {
    requireRoot()
    const { createContainer } = await import('./lifecycle/create.ts')
    return createContainer({
      layout: this.layout,
      registry: this.drivers,
      drivers: await this.configuredDrivers(),
      names: this.driverNames(),
      image: await this.image(request.image, tell),
      request,
    })
  }

  /** @throws RtError RT_IMAGE_UNKNOWN, RT_IMAGE_IN_USE */
  async removeImage(text: string): Promise<RemovedImage> {
    requireRoot()
    // Asked under the image store's lock, so that a container that was recorded meanwhile counts.
    return this.images.remove(text, (id) => this.list().find(({ record }) => record.image.id === id)?.record.name)
  }

  driverNames(): { isolation: string; storage: string; network: string } {
    return {
      isolation: this.config.driver('isolation').value,
      storage: this.config.driver('storage').value,
      network: this.config.driver('network').value,
    }
  }

  private async configuredDrivers(): Promise<Drivers> {
    const [isolation, storage, network] = await Promise.all([
      this.drivers.configured('isolation'),
      this.drivers.configured('storage'),
      this.drivers.configured('network'),
    ])
    return { isolation, storage, network }
  }

  private async image(reference: string, tell: (line: string) => void): Promise<Image> {
    const found = this.images.find(reference)
    if (found) return found
    if (!isBusybox(reference)) return this.images.require(reference)
    const { image, built } = await ensureBusybox(this.images)
    if (built) tell(`There is no image "${BUSYBOX}" yet: built it from this machine's own static busybox.`)
    return image
  }
}
