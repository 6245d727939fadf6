import { requireRoot } from '../require-root.ts'
import type { Handlers } from '../run/start.ts'
import type { Container } from '../store/containers.ts'
import { makeStore } from '../store/prepare.ts'
import type { Context } from './context.ts'
import type { Outcome } from './each.ts'
import type { Pruned } from './prune.ts'
import type { StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

/** What is done to containers that exist, by name, id or the beginning of an id. Each part is loaded when it is asked for. */
export class Lifecycle {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** Starts an existing container and becomes its shim; returns where it runs already. */
  async start(text: string, options: StartOptions, handlers: Handlers): Promise<Container> {
    return (await import('./start.ts')).startContainer(this.#begin(), text, options, handlers)
  }

  /** See `stopContainers`. */
  async stop(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    return (await import('./stop.ts')).stopContainers(this.#begin(), names, options)
  }

  /** Stops those that run, so that they can be started again; one of --rm is left alone, because it would be gone. */
  async restart(names: readonly string[], options: StopOptions = {}): Promise<Outcome<Container>[]> {
    return (await import('./stop.ts')).stopContainers(this.#begin(), names, { ...options, again: true })
  }

  /** See `killContainers`. */
  async kill(names: readonly string[], signal?: string): Promise<Outcome[]> {
    return (await import('./kill.ts')).killContainers(this.#begin(), names, signal)
  }

  /** See `waitForContainers`. */
  async wait(names: readonly string[], tell: (outcome: Outcome<number>) => void): Promise<Outcome<number>[]> {
    return (await import('./wait.ts')).waitForContainers(this.#begin(), names, tell)
  }

  async pause(names: readonly string[], frozen: boolean): Promise<Outcome[]> {
    return (await import('./paused.ts')).pauseContainers(this.#begin(), names, frozen)
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN, RT_NAME_INVALID, RT_NAME_TAKEN */
  async rename(text: string, name: string): Promise<void> {
    await (await import('./rename.ts')).renameContainer(this.#begin(), text, name)
  }

  async remove(names: readonly string[], options: { readonly force: boolean }): Promise<Outcome[]> {
    return (await import('./remove.ts')).removeContainers(this.#begin(), names, options)
  }

  /** Removes every container that does not live. */
  async prune(): Promise<Pruned> {
    return (await import('./prune.ts')).pruneContainers(this.#begin())
  }

  /** What a boot of the machine starts, in order. */
  async toBoot(): Promise<Container[]> {
    return (await import('./boot.ts')).toBoot(this.#context.layout)
  }

  #begin(): Context {
    requireRoot()
    makeStore(this.#context.layout)
    return this.#context
  }
}
