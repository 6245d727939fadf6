import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { FileLock, ShimFront } from '@rt/native'
import type { RemoveOptions } from '../lifecycle/remove.ts'
import type { WithContainers } from '../runtime/containers.ts'
import type { Context } from '../store/context.ts'
import { disown } from '../store/owner.ts'
import type { End } from '../store/state.ts'
import type { ContainerExit } from './exit.ts'
import type { Started } from './front.ts'
import { ContainerHandle } from './handle.ts'
import { containerEnd } from './watch.ts'

export interface ContainerEvents {
  /** It has ended for good, and everything of its end is done. */
  exit: [ContainerExit]
  /** Nobody can tell how it ended, because the store could not be read. */
  error: [Error]
}

/**
 * A container that this process has started. Unless it was detached it belongs to this process: leaving the scope of `await using` removes
 * it, and whatever ends this process ends it.
 */
export class RunningContainer extends ContainerHandle implements AsyncDisposable {
  /** Its standard input, where that was asked for. */
  readonly stdin: Writable | null
  /** To be read, or the container waits for that once some 64 MiB are under way. Its log has everything in any case. */
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** The pid of its first process on the host. */
  readonly pid: number
  readonly events = new EventEmitter<ContainerEvents>()
  readonly #shim: ShimFront
  readonly #end: Promise<End | undefined>
  #ended = false
  #owner: FileLock | undefined

  constructor(
    rt: WithContainers,
    context: Context,
    { record, shim, owner }: Started,
    pid: number,
    signal?: AbortSignal,
  ) {
    super(rt, context, record)
    this.pid = pid
    this.#shim = shim
    this.#owner = owner
    this.stdin = shim.stdin
    this.stdout = shim.stdout
    this.stderr = shim.stderr
    this.#end = containerEnd(rt, record)
    const abort = (): void => void this.#killed()
    signal?.addEventListener('abort', abort)
    this.#end
      .finally(() => {
        this.#ended = true
        signal?.removeEventListener('abort', abort)
      })
      .then(async () => this.events.emit('exit', await this.wait()))
      .catch((error: Error) => this.#tell(error))
    if (signal?.aborted) abort()
  }

  /** It may be ending just now. */
  async #killed(): Promise<void> {
    await this.stop({ signal: 'SIGKILL' }).catch((error: Error) => this.#tell(error))
  }

  /** Whoever waits hears of it as well; an event that nobody listens to would end the process. */
  #tell(error: Error): void {
    if (this.events.listenerCount('error') > 0) this.events.emit('error', error)
  }

  protected override async end(signal?: AbortSignal): Promise<End | undefined> {
    // Somebody may have started it again.
    if (this.#ended) return super.end(signal)
    if (!signal) return this.#end
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort)
    try {
      return await Promise.race([this.#end, promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  override async remove(options: Partial<RemoveOptions> = {}): Promise<void> {
    await super.remove(options)
    this.#shim.close()
    const owner = this.#owner
    this.#owner = undefined
    if (owner) disown(this.rt.layout, this.id, owner)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove({ force: true, volumes: true })
  }
}
