import type { Outcome } from '../each.ts'
import type { ContainerFiles } from '../files/index.ts'
import type { Pruned } from '../lifecycle/prune.ts'
import type { RemoveOptions } from '../lifecycle/remove.ts'
import type { StopOptions } from '../lifecycle/stop.ts'
import type { ContainerUpdate } from '../limits/update.ts'
import type { RunRequest } from '../request.ts'
import type { StartInput } from '../run/start.ts'
import type { Container } from '../store/containers.ts'
import { findContainer } from '../store/find.ts'
import type { Tell } from '../tell.ts'
import { WithImages } from './images.ts'
import { requireRoot } from './require-root.ts'
import { type DriverChoice, startInput } from './start-input.ts'

/** What a container is made of, and what is done to those that exist. What of it no start needs is loaded when it is asked for. */
export abstract class WithContainers extends WithImages {
  /** Everything that a container is made of, looked up. Errors: RT_DRIVER_UNKNOWN, RT_NET_UNKNOWN, RT_IMAGE_*, RT_REGISTRY_*. */
  startInput(asked: RunRequest, tell: Tell, choice: DriverChoice = {}): Promise<StartInput & { readonly tell: Tell }> {
    return startInput(this, asked, tell, choice)
  }

  /** Changes limits: of a running container at once. @throws RtError RT_LIMIT_* */
  async update(text: string, changes: ContainerUpdate, tell: (line: string) => void): Promise<void> {
    requireRoot()
    const id = findContainer(this.layout, text)
    const { updateContainer } = await import('../limits/update.ts')
    return updateContainer(this.layout, this.drivers, id, changes, tell)
  }

  /** See `stopContainers`. */
  async stop(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    requireRoot()
    return (await import('../lifecycle/stop.ts')).stopContainers(this.context(), names, options)
  }

  /** Stops those that run, so that they can be started again; one of --rm is left alone, because it would be gone. */
  async restart(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    requireRoot()
    return (await import('../lifecycle/stop.ts')).stopContainers(this.context(), names, { ...options, again: true })
  }

  /** See `killContainers`. */
  async kill(names: readonly string[], signal?: string): Promise<Outcome[]> {
    requireRoot()
    return (await import('../lifecycle/kill.ts')).killContainers(this.context(), names, signal)
  }

  /** See `waitForContainers`. */
  async wait(names: readonly string[], tell: (outcome: Outcome<number>) => void): Promise<Outcome<number>[]> {
    requireRoot()
    return (await import('../lifecycle/wait.ts')).waitForContainers(this.context(), names, tell)
  }

  async pause(names: readonly string[], frozen: boolean): Promise<Outcome[]> {
    requireRoot()
    return (await import('../lifecycle/paused.ts')).pauseContainers(this.context(), names, frozen)
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN, RT_NAME_INVALID, RT_NAME_TAKEN */
  async rename(text: string, name: string): Promise<void> {
    requireRoot()
    await (await import('../lifecycle/rename.ts')).renameContainer(this.context(), text, name)
  }

  async remove(names: readonly string[], options: RemoveOptions): Promise<Outcome[]> {
    requireRoot()
    return (await import('../lifecycle/remove.ts')).removeContainers(this.context(), names, options)
  }

  /** Removes every container that does not live. */
  async prune(filters: readonly string[] = []): Promise<Pruned> {
    requireRoot()
    const { pruneTest } = await import('../filters/prune.ts')
    const test = pruneTest(filters)
    return (await import('../lifecycle/prune.ts')).pruneContainers(this.context(), test)
  }

  /** What a boot of the machine starts, in order. */
  async toBoot(): Promise<Container[]> {
    return (await import('../lifecycle/boot.ts')).toBoot(this.layout)
  }

  /** Copies, archives and changes of containers' files: no start needs them, so they are loaded when they are asked for. */
  async files(): Promise<ContainerFiles> {
    requireRoot()
    const { ContainerFiles } = await import('../files/index.ts')
    const { layout, drivers, images } = this
    return new ContainerFiles({ layout, registry: drivers, images }, (text) => this.find(text).record)
  }
}
