import { existsSync } from 'node:fs'
import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import {
  type ArchiveFormat,
  type Image,
  type ImageStore,
  isPath,
  type PrunedImages,
  type Pulled,
  type PullOptions,
  type Pushed,
  type PushOptions,
  type RegistryAccess,
  type RemovedImage,
  runsHere,
} from '@rt/images'
import { isRoot, performLeave } from '@rt/native'
import { inject, injectable } from 'tsyringe'
import type { BuildRequest } from './build/request.ts'
import type { Config } from './config/config.ts'
import type { Axis } from './config/keys.ts'
import { DriverRegistry, type Drivers } from './drivers/registry.ts'
import type { ContainerHandle, DriverChoice, RunningContainer, RunOptions } from './embed/index.ts'
import type { ContainerFiles } from './files/index.ts'
import type { DetailedUsage, DiskUsage } from './images/disk-usage.ts'
import { InPlace } from './in-place.ts'
import type { Layout } from './layout.ts'
import type { Context } from './lifecycle/context.ts'
import type { Outcome } from './lifecycle/each.ts'
import type { Pruned } from './lifecycle/prune.ts'
import type { RemoveOptions } from './lifecycle/remove.ts'
import type { StopOptions } from './lifecycle/stop.ts'
import type { ContainerUpdate } from './limits/update.ts'
import type { Event, EventOptions } from './look/events/index.ts'
import type { PlanOfContainer } from './look/plan.ts'
import { forgetNamesStep } from './names/files.ts'
import type { Networks } from './networks/index.ts'
import { type ResolvedNetwork, resolveNetworks } from './networks/resolve.ts'
import { definitionsOf } from './networks/store.ts'
import { type ShimFailure, undoFailedStart } from './run/failed.ts'
import { effectiveHostname } from './run/host-files.ts'
import type { ContainerPlan } from './run/plan.ts'
import { planOnly } from './run/plan-only.ts'
import type { RunRequest } from './run/request.ts'
import type { StartInput } from './run/start.ts'
import { type Container, listContainers, readContainer } from './store/containers.ts'
import { findContainer } from './store/find.ts'
import { newContainerId, randomName } from './store/identity.ts'
import { cleanUpAfter } from './store/leave.ts'
import { lockStore } from './store/lock.ts'
import { sweepNames } from './store/names.ts'
import { type OwnedNames, ownNames } from './store/owned-names.ts'
import { makeStore } from './store/prepare.ts'
import { liveContainers, reconcile } from './store/reconcile.ts'
import type { ContainerRecord } from './store/record.ts'
import { CONFIG, IMAGES, LAYOUT } from './tokens.ts'
import type { Volumes } from './volumes/index.ts'

/** What an embedder and the command line share: the lifecycle of containers over whichever drivers the config names. */
@injectable()
export class Runtime {
  readonly config: Config
  readonly layout: Layout
  readonly drivers: DriverRegistry
  readonly images: ImageStore

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
  }

  /** What ends this process as Node: the way of the command line. */
  get inPlace(): InPlace {
    return new InPlace(this, () => this.#context())
  }

  /** The plan of a run that is not performed: for `explain` and `--dry-run`. Leases are given back. */
  async plan(request: RunRequest, tell: Tell): Promise<ContainerPlan> {
    requireRoot()
    makeStore(this.layout)
    const id = newContainerId()
    const networks = await this.networksOf(request)
    return planOnly({
      layout: this.layout,
      drivers: await this.configuredDrivers(request),
      image: await this.image(request, tell),
      networks,
      identity: {
        id,
        name: request.name ?? randomName(),
        hostname: effectiveHostname(request, { id }, networks[0]),
      },
      request,
      tell,
    })
  }

  /** What was done to start a container, or what its first start will do. @throws RtError RT_CONTAINER_UNKNOWN, RT_PLAN_UNKNOWN */
  async planOf(text: string): Promise<PlanOfContainer> {
    requireRoot()
    return (await import('./look/plan.ts')).planOf(this.#context(), text)
  }

  /** Called by the process that the shim becomes when a start fails. */
  failedStart(id: ContainerId, failure: ShimFailure): RtError {
    return undoFailedStart(this.layout, id, failure)
  }

  /** Called by the process that the shim becomes when a container has ended and a clean-up step is beyond the shim. */
  async ended(id: ContainerId): Promise<Error[]> {
    if (!existsSync(this.layout.leaveChanged(id))) return cleanUpAfter(this.layout, id)
    const { cleanUpAfterConnected } = await import('./networks/index.ts')
    return cleanUpAfterConnected(this.#context(), id)
  }

  /** For containers that other processes start for this one: they are removed when it has gone, whatever ends it. */
  ownNames(): OwnedNames {
    requireRoot()
    makeStore(this.layout)
    return ownNames(this.layout)
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

  /**
   * Takes away what all containers share (bridges, firewall rules, sysctls), and puts the host back as rt found it. Containers and images stay.
   *
   * @throws RtError RT_CONTAINER_RUNNING while one lives; the first step that could not be performed
   */
  async reset(): Promise<void> {
    requireRoot()
    makeStore(this.layout)
    const store = await lockStore(this.layout)
    try {
      await reconcile(this.layout, this.drivers)
      const [live] = liveContainers(this.layout)
      if (live !== undefined)
        throw new RtError('RT_CONTAINER_RUNNING', `The container ${shortId(live)} still uses what would be taken away`)
      for (const { name, driver } of await this.drivers.usable('network')) {
        const [error] = performLeave((await driver.reset?.(definitionsOf(this.layout, name))) ?? [])
        if (error) throw error
      }
      const [error] = performLeave([forgetNamesStep(this.layout)])
      if (error) throw error
    } finally {
      store.release()
    }
  }

  /**
   * Starts a container that belongs to this process, which goes on: `await using` removes it. See docs/embedding.md.
   *
   * @throws RtError with everything undone; the reason of an aborted signal
   */
  async run(options: RunOptions): Promise<RunningContainer> {
    requireRoot()
    return (await import('./embed/index.ts')).runContainer(this, this.#context(), options)
  }

  /** A container by its name, its id or the beginning of its id. @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
  async container(text: string): Promise<ContainerHandle> {
    requireRoot()
    const { ContainerHandle } = await import('./embed/index.ts')
    return new ContainerHandle(this, this.#context(), this.find(text).record)
  }

  /** What happens to containers and networks, from now on or since a time, until `signal` is aborted. */
  async *events(options: Partial<EventOptions> = {}): AsyncGenerator<Event, void, void> {
    requireRoot()
    const { events } = await import('./look/events/index.ts')
    yield* events(this.layout, { filters: new Map(), ...options })
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

  /** Changes limits: of a running container at once. @throws RtError RT_LIMIT_* */
  async update(text: string, changes: ContainerUpdate, tell: (line: string) => void): Promise<void> {
    requireRoot()
    const id = findContainer(this.layout, text)
    const { updateContainer } = await import('./limits/update.ts')
    return updateContainer(this.layout, this.drivers, id, changes, tell)
  }

  /** Makes a container that does not run yet. */
  async create(request: RunRequest, tell: Tell): Promise<ContainerId> {
    requireRoot()
    const { createContainer } = await import('./lifecycle/create.ts')
    return createContainer(await this.startInput(request, tell))
  }

  /** See `stopContainers`. */
  async stop(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    requireRoot()
    return (await import('./lifecycle/stop.ts')).stopContainers(this.#context(), names, options)
  }

  /** Stops those that run, so that they can be started again; one of --rm is left alone, because it would be gone. */
  async restart(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    requireRoot()
    return (await import('./lifecycle/stop.ts')).stopContainers(this.#context(), names, { ...options, again: true })
  }

  /** See `killContainers`. */
  async kill(names: readonly string[], signal?: string): Promise<Outcome[]> {
    requireRoot()
    return (await import('./lifecycle/kill.ts')).killContainers(this.#context(), names, signal)
  }

  /** See `waitForContainers`. */
  async wait(names: readonly string[], tell: (outcome: Outcome<number>) => void): Promise<Outcome<number>[]> {
    requireRoot()
    return (await import('./lifecycle/wait.ts')).waitForContainers(this.#context(), names, tell)
  }

  async pause(names: readonly string[], frozen: boolean): Promise<Outcome[]> {
    requireRoot()
    return (await import('./lifecycle/paused.ts')).pauseContainers(this.#context(), names, frozen)
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN, RT_NAME_INVALID, RT_NAME_TAKEN */
  async rename(text: string, name: string): Promise<void> {
    requireRoot()
    await (await import('./lifecycle/rename.ts')).renameContainer(this.#context(), text, name)
  }

  async remove(names: readonly string[], options: RemoveOptions): Promise<Outcome[]> {
    requireRoot()
    return (await import('./lifecycle/remove.ts')).removeContainers(this.#context(), names, options)
  }

  /** Installs, removes and inspects drivers: see drivers/manage. */
  async manageDrivers(): Promise<typeof import('./drivers/manage/index.ts')> {
    return import('./drivers/manage/index.ts')
  }

  /** Names of the containers and networks that have this driver. */
  usersOfDriver(axis: Axis, name: string): string[] {
    const containers = this.list().filter(({ record }) => record.drivers[axis] === name)
    const networks = axis === 'network' ? definitionsOf(this.layout, name) : []
    return [...containers.map(({ record }) => record.name), ...networks.map((network) => network.name)]
  }

  /** Removes every container that does not live. */
  async prune(filters: readonly string[] = []): Promise<Pruned> {
    requireRoot()
    const { pruneTest } = await import('./look/prune-filter.ts')
    const test = pruneTest(filters)
    return (await import('./lifecycle/prune.ts')).pruneContainers(this.#context(), test)
  }

  /** What a boot of the machine starts, in order. */
  async toBoot(): Promise<Container[]> {
    return (await import('./lifecycle/boot.ts')).toBoot(this.layout)
  }

  #context(): Context {
    makeStore(this.layout)
    return { layout: this.layout, registry: this.drivers, images: this.images }
  }

  /** @throws RtError RT_IMAGE_UNKNOWN, RT_IMAGE_IN_USE */
  async removeImage(text: string): Promise<RemovedImage> {
    requireRoot()
    // Asked under the image store's lock, so that a container that was recorded meanwhile counts.
    return this.images.remove(text, (id) => this.list().find(({ record }) => record.image.id === id)?.record.name)
  }

  /** Errors: see ImageStore.pull. */
  async pullImage(reference: string, options: PullOptions): Promise<Pulled> {
    requireRoot()
    const { inTurn } = await import('./images/obtain.ts')
    return inTurn(() => this.images.pull(reference, { ...this.registryAccess(), ...options }))
  }

  /** Errors: see ImageStore.push. */
  async pushImage(reference: string, options: PushOptions): Promise<Pushed> {
    requireRoot()
    return this.images.push(reference, { ...this.registryAccess(), ...options })
  }

  /** Writes images as one archive, into a file or to a descriptor. Errors: RT_IMAGE_UNKNOWN, RT_PATH_*. */
  async saveImages(names: readonly string[], format: ArchiveFormat, target: string | number): Promise<void> {
    requireRoot()
    return (await import('./images/save.ts')).saveImages(this.images, names, format, target)
  }

  /** See `buildImage`. */
  async build(request: BuildRequest, tell: (line: string) => void): Promise<Image> {
    requireRoot()
    const { buildImage } = await import('./build/index.ts')
    return buildImage({ layout: this.layout, images: this.images, access: this.registryAccess() }, request, tell)
  }

  /** Takes away what builds have kept for the next one, and answers how many bytes that were. Errors: RT_BUILD_RUNNING. */
  async pruneBuilds(): Promise<number> {
    requireRoot()
    return (await import('./build/index.ts')).pruneBuildCache(this.layout)
  }

  /** See ImageStore.prune. */
  async pruneImages(options: { readonly all: boolean }): Promise<PrunedImages> {
    requireRoot()
    return this.images.prune((id) => this.list().some(({ record }) => record.image.id === id), options)
  }

  /** What is on disk. */
  async usage(): Promise<DiskUsage> {
    requireRoot()
    return (await import('./images/disk-usage.ts')).diskUsage(this)
  }

  /** What each image, container and volume has there. */
  async detailedUsage(): Promise<DetailedUsage> {
    requireRoot()
    return (await import('./images/disk-usage.ts')).detailedUsage(this)
  }

  /** Copies, archives and changes of containers' files: no start needs them, so they are loaded when they are asked for. */
  async files(): Promise<ContainerFiles> {
    requireRoot()
    const { ContainerFiles } = await import('./files/index.ts')
    const { layout, drivers, images } = this
    return new ContainerFiles({ layout, registry: drivers, images }, (text) => this.find(text).record)
  }

  driverNames(): { isolation: string; storage: string; network: string } {
    return {
      isolation: this.config.driver('isolation').value,
      storage: this.config.driver('storage').value,
      network: this.config.driver('network').value,
    }
  }

  /** Networks that the user defines, connecting and disconnecting: loaded when asked for. */
  async networks(): Promise<Networks> {
    requireRoot()
    const { Networks } = await import('./networks/index.ts')
    return new Networks(this.#context())
  }

  /** Volumes: loaded when asked for. */
  async volumes(): Promise<Volumes> {
    requireRoot()
    const { Volumes } = await import('./volumes/index.ts')
    return new Volumes(this.#context())
  }

  /** Everything that a container is made of, looked up. Errors: RT_DRIVER_UNKNOWN, RT_NET_UNKNOWN, RT_IMAGE_*, RT_REGISTRY_*. */
  async startInput(
    asked: RunRequest,
    tell: Tell,
    choice: DriverChoice = {},
  ): Promise<StartInput & { readonly tell: Tell }> {
    const request =
      asked.spec.pid === undefined ? asked : (await import('./run/shared-pid.ts')).withOtherId(this.layout, asked)
    const networks = await this.networksOf(request)
    return {
      layout: this.layout,
      registry: this.drivers,
      drivers: await this.configuredDrivers(request, choice),
      networks,
      names: { ...this.namesWith(networks), ...choice },
      image: await this.image(request, tell),
      request,
      tell,
    }
  }

  private async configuredDrivers(
    { init, spec }: RunRequest,
    { isolation = this.driverNames().isolation, storage = this.driverNames().storage }: DriverChoice = {},
  ): Promise<Omit<Drivers, 'network'>> {
    const [isolates, stores] = await Promise.all([
      this.drivers.resolve('isolation', isolation),
      this.drivers.resolve('storage', storage),
    ])
    if (init && !(await this.drivers.capabilities('isolation', isolation)).init)
      throw new RtError('RT_DRIVER_LACKS', `The isolation driver ${isolation} knows no --init`, { exitCode: 125 })
    if (spec.groups !== undefined) await this.requireGroupNames(isolation, spec.groups)
    return { isolation: isolates, storage: stores }
  }

  private async requireGroupNames(isolation: string, groups: readonly string[]): Promise<void> {
    const name = groups.find((group) => !/^\d+$/.test(group))
    if (name === undefined || (await this.drivers.capabilities('isolation', isolation)).groupNames === true) return
    throw new RtError('RT_DRIVER_LACKS', `The isolation driver ${isolation} looks up no groups: --group-add ${name}`, {
      remedy: 'Give the number of the group.',
      exitCode: 125,
    })
  }

  private networksOf({ networks = [{ name: '' }] }: RunRequest): Promise<ResolvedNetwork[]> {
    const wishes = networks.map((wish) => (wish.name === '' ? { ...wish, name: this.driverNames().network } : wish))
    return resolveNetworks(this.layout, this.drivers, wishes)
  }

  private namesWith(networks: readonly ResolvedNetwork[]): ContainerRecord['drivers'] {
    const names = this.driverNames()
    return { ...names, network: networks[0]?.driverName ?? names.network }
  }

  /** Where it is here it costs nothing more than finding it. */
  private async image(request: RunRequest, tell: Tell): Promise<Image> {
    const { image: reference, pull = 'missing', platform } = request
    if (isPath(reference)) return (await import('./images/from-path.ts')).imageFromPath(this.images, request, tell)
    if (pull !== 'always' && platform === undefined) {
      const found = this.images.find(reference)
      if (found) {
        if (!runsHere(found)) tell(wrongPlatform(found, reference))
        return found
      }
    }
    const { obtainImage } = await import('./images/obtain.ts')
    return obtainImage(this.images, this.registryAccess(), { reference, pull, platform }, tell)
  }

  /** How registries are reached, as the config says. */
  registryAccess(): RegistryAccess {
    return { registries: this.config.registries(), env: process.env }
  }
}

export const wrongPlatform = ({ config: { os, architecture } }: Image, reference: string): string =>
  `The image ${reference} is made for ${os}/${architecture}: its programs may not run on this machine.`

/** Is given one line about what had to be made or fetched first. */
export interface Tell {
  (line: string): void
  /** Whoever shows the steps of a fetch; asked for when there is one. */
  progress?: () => Promise<Pick<PullOptions, 'onFound' | 'onProgress' | 'signal'>>
}

export const requireRoot = (): void => {
  if (!isRoot()) throw new RtError('RT_NOT_ROOT', 'rt makes namespaces, mounts and networks, which only root may')
}
