import { existsSync } from 'node:fs'
import type { ContainerId, RtError } from '@rt/driver-api'
import type { ImageStore } from '@rt/images'
import { inject, injectable } from 'tsyringe'
import type { Config } from './config/config.ts'
import type { Axis } from './config/keys.ts'
import { DriverRegistry } from './drivers/registry.ts'
import type { ContainerHandle, RunningContainer, RunOptions } from './embed/index.ts'
import { newContainerId, randomName } from './identity.ts'
import { InPlace } from './in-place.ts'
import type { Layout } from './layout.ts'
import type { Event, EventOptions } from './look/events/index.ts'
import type { PlanOfContainer } from './look/plan.ts'
import { definitionsOf } from './networks/store.ts'
import type { RunRequest } from './request.ts'
import { type ShimFailure, undoFailedStart } from './run/failed.ts'
import { effectiveHostname } from './run/hostname.ts'
import type { ContainerPlan } from './run/plan.ts'
import { planOnly } from './run/plan-only.ts'
import { WithContainers } from './runtime/containers.ts'
import { requireRoot } from './runtime/require-root.ts'
import { resetHost } from './runtime/reset-host.ts'
import { driversOf, imageOf, networksOf } from './runtime/start-input.ts'
import { cleanUpAfter } from './store/leave.ts'
import { type OwnedNames, ownNames } from './store/owned-names.ts'
import { makeStore } from './store/prepare.ts'
import type { Tell } from './tell.ts'
import { CONFIG, IMAGES, LAYOUT } from './tokens.ts'

/** What an embedder and the command line share: the lifecycle of containers over whichever drivers the config names. */
@injectable()
export class Runtime extends WithContainers {
  constructor(
    @inject(CONFIG) config: Config,
    @inject(LAYOUT) layout: Layout,
    @inject(DriverRegistry) drivers: DriverRegistry,
    @inject(IMAGES) images: ImageStore,
  ) {
    super(config, layout, drivers, images)
  }

  /** What ends this process as Node: the way of the command line. */
  get inPlace(): InPlace {
    return new InPlace(this, () => this.context())
  }

  /** The plan of a run that is not performed: for `explain` and `--dry-run`. Leases are given back. */
  async plan(request: RunRequest, tell: Tell): Promise<ContainerPlan> {
    requireRoot()
    makeStore(this.layout)
    const id = newContainerId()
    const networks = await networksOf(this, request)
    return planOnly({
      layout: this.layout,
      drivers: await driversOf(this, request),
      image: await imageOf(this, request, tell),
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
    return (await import('./look/plan.ts')).planOf(this.context(), text)
  }

  /** Called by the process that the shim becomes when a start fails. */
  failedStart(id: ContainerId, failure: ShimFailure): RtError {
    return undoFailedStart(this.layout, id, failure)
  }

  /** Called by the process that the shim becomes when a container has ended and a clean-up step is beyond the shim. */
  async ended(id: ContainerId): Promise<Error[]> {
    if (!existsSync(this.layout.leaveChanged(id))) return cleanUpAfter(this.layout, id)
    const { cleanUpAfterConnected } = await import('./networks/index.ts')
    return cleanUpAfterConnected(this.context(), id)
  }

  /** For containers that other processes start for this one: they are removed when it has gone, whatever ends it. */
  ownNames(): OwnedNames {
    requireRoot()
    makeStore(this.layout)
    return ownNames(this.layout)
  }

  /**
   * Takes away what all containers share (bridges, firewall rules, sysctls), and puts the host back as rt found it. Containers and images stay.
   *
   * @throws RtError RT_CONTAINER_RUNNING while one lives; the first step that could not be performed
   */
  async reset(): Promise<void> {
    requireRoot()
    await resetHost(this.context())
  }

  /**
   * Starts a container that belongs to this process, which goes on: `await using` removes it. See docs/embedding.md.
   *
   * @throws RtError with everything undone; the reason of an aborted signal
   */
  async run(options: RunOptions): Promise<RunningContainer> {
    requireRoot()
    return (await import('./embed/index.ts')).runContainer(this, this.context(), options)
  }

  /** A container by its name, its id or the beginning of its id. @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
  async container(text: string): Promise<ContainerHandle> {
    requireRoot()
    const { ContainerHandle } = await import('./embed/index.ts')
    return new ContainerHandle(this, this.context(), this.find(text).record)
  }

  /** What happens to containers and networks, from now on or since a time, until `signal` is aborted. */
  async *events(options: Partial<EventOptions> = {}): AsyncGenerator<Event, void, void> {
    requireRoot()
    const { events } = await import('./look/events/index.ts')
    yield* events(this.layout, { filters: new Map(), ...options })
  }

  /** Makes a container that does not run yet. */
  async create(request: RunRequest, tell: Tell): Promise<ContainerId> {
    requireRoot()
    const { createContainer } = await import('./lifecycle/create.ts')
    return createContainer(await this.startInput(request, tell))
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
}
