import type { ClientOptions } from '@rt/native'
import type { ExecRequest } from './exec/request.ts'
import type { StartOptions } from './lifecycle/start.ts'
import type { RunRequest } from './request.ts'
import { attach } from './run/attach.ts'
import { type Handlers, inPlace } from './run/in-place.ts'
import { start } from './run/start.ts'
import type { WithContainers } from './runtime/containers.ts'
import { requireRoot } from './runtime/require-root.ts'
import type { Container } from './store/containers.ts'
import type { Context } from './store/context.ts'
import { findContainer } from './store/find.ts'
import type { Tell } from './tell.ts'

/** `Handlers` of an `exec`, which leaves nothing behind. */
export type ExecHandlers = Pick<Handlers, 'onFailure'> & { readonly beforeShim?: () => void }

/** What the command line does with a container: it becomes the shim, and on success this process is no longer Node. */
export class InPlace {
  readonly #rt: WithContainers
  readonly #context: () => Context

  constructor(rt: WithContainers, context: () => Context) {
    this.#rt = rt
    this.#context = context
  }

  /**
   * Starts a new container; see `start`.
   *
   * @param tell is given one line when something had to be made first
   */
  async run(request: RunRequest, handlers: Handlers, tell: Tell): Promise<never> {
    requireRoot()
    return start(await this.#rt.startInput(request, tell), inPlace(request, handlers))
  }

  /** Starts an existing container; returns where it runs already. */
  async start(text: string, options: StartOptions, handlers: Handlers): Promise<Container> {
    requireRoot()
    const { startContainer } = await import('./lifecycle/start.ts')
    const { already } = await startContainer(this.#context(), text, options, (request) => inPlace(request, handlers))
    return already
  }

  /** Runs a further program in a running container; see `exec`. */
  async exec(request: ExecRequest, handlers: ExecHandlers): Promise<never> {
    requireRoot()
    const { exec } = await import('./exec/exec.ts')
    const { layout, drivers } = this.#rt
    return exec({ layout, registry: drivers, request, ...handlers })
  }

  /**
   * Connects this process to a running container, as its client.
   *
   * @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS, RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_PAUSED, RT_CONTAINER_NO_DOOR
   */
  async attach(text: string, options: ClientOptions): Promise<never> {
    requireRoot()
    const { layout, drivers } = this.#rt
    return attach(layout, drivers, findContainer(layout, text), options)
  }
}
