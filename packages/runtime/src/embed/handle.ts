import { type ContainerId, isRtError, type PublishedPort, RtError } from '@rt/driver-api'
import { openDoor } from '@rt/native'
import type { Outcome } from '../each.ts'
import { Ending } from '../lifecycle/ending.ts'
import { thaw } from '../lifecycle/paused.ts'
import type { RemoveOptions } from '../lifecycle/remove.ts'
import { parseSignal } from '../lifecycle/signals.ts'
import { stopSignalOf } from '../lifecycle/stop.ts'
import type { ContainerUpdate } from '../limits/update.ts'
import { see } from '../look/list.ts'
import type { LogEntry } from '../look/logs/entry.ts'
import { type LogOptions, logEntries } from '../look/logs/index.ts'
import { type Stats, StatsSource } from '../look/stats.ts'
import type { WithContainers } from '../runtime/containers.ts'
import type { Container } from '../store/containers.ts'
import type { Context } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import type { ContainerRecord } from '../store/record.ts'
import { type End, isLive } from '../store/state.ts'
import { type ContainerExit, signalName } from './exit.ts'
import { spawned } from './front.ts'
import { type ProgramOptions, type RunningProgram, runProgram } from './program.ts'
import { containerEnd } from './watch.ts'

const SIGKILL = 9
const DEFAULT_TIMEOUT_S = 10

/** A container that exists, running or not: what can be done with it while this process goes on. Nothing of it holds the thread for long. */
export class ContainerHandle {
  readonly id: ContainerId
  /** When the handle was made: somebody may rename it. */
  readonly name: string
  protected readonly rt: WithContainers
  readonly #context: Context
  #stats: StatsSource | undefined

  constructor(rt: WithContainers, context: Context, { id, name }: ContainerRecord) {
    this.rt = rt
    this.#context = context
    this.id = id
    this.name = name
  }

  /** Starts it in the background, where it has ended or was only created; it goes on without this process. @throws RtError */
  async start(): Promise<void> {
    const { startContainer } = await import('../lifecycle/start.ts')
    const front = spawned({ layout: this.rt.layout, owned: false, stdout: 'ignore', stderr: 'ignore' })
    const started = await startContainer(this.#context, this.id, { attach: false, interactive: false }, () => front)
    if ('shim' in started) started.shim.close()
  }

  /** What is known of it, and where it is in its life. @throws RtError RT_CONTAINER_UNKNOWN */
  inspect(): Promise<Container> {
    return see(this.rt, this.id)
  }

  /**
   * Waits until it has ended for good: also every restart that a policy gives it.
   *
   * @throws RtError RT_CONTAINER_NOT_RUNNING: it was never started; the reason of an aborted signal, which only ends the wait
   */
  async wait({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ContainerExit> {
    const end = await this.end(signal)
    if (end) return { exitCode: end.exitCode, signal: signalName(end.signal), oomKilled: end.oomKilled }
    throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${this.name} was never started`)
  }

  protected end(signal?: AbortSignal): Promise<End | undefined> {
    return containerEnd(this.rt, this.rt.find(this.id).record, signal)
  }

  /** Sends a signal to its first process. @throws RtError RT_SIGNAL_INVALID, RT_CONTAINER_NOT_RUNNING */
  async kill(signal: NodeJS.Signals | number = 'SIGKILL'): Promise<void> {
    const number = parseSignal(String(signal))
    if (number === SIGKILL) return this.#end(number, Number.POSITIVE_INFINITY, { mustLive: true })
    only(await this.rt.kill([this.id], String(number)))
  }

  /**
   * Asks it to end with its stop signal, and kills it after `timeout` seconds (its own, else 10; below 0: never). Resolves when it has ended;
   * at once where it does not run.
   */
  async stop({
    signal,
    timeout,
  }: {
    readonly signal?: NodeJS.Signals | number
    readonly timeout?: number
  } = {}): Promise<void> {
    const container = this.rt.find(this.id)
    const number = signal === undefined ? stopSignalOf(this.rt.images, container) : parseSignal(String(signal))
    const seconds = timeout ?? container.record.request.stopTimeout ?? DEFAULT_TIMEOUT_S
    await this.#end(number, seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000, { mustLive: false })
  }

  /** Signals it, and sees to it that it ends and is not restarted. */
  async #end(number: number, patienceMs: number, { mustLive }: { readonly mustLive: boolean }): Promise<void> {
    const { layout } = this.rt
    const container = this.rt.find(this.id)
    const { record, state } = container
    if (!isLive(state)) {
      if (mustLive) throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${record.name} is not running`)
      return
    }
    const ending = new Ending(layout, record, { final: true })
    let timer: NodeJS.Timeout | undefined
    try {
      const ended = this.end()
      ending.signal(number)
      appendEvent(layout, 'kill', record, { signal: number })
      await thaw(this.#context, container)
      if (number !== SIGKILL && patienceMs < 2 ** 31) timer = setTimeout(() => ending.signal(SIGKILL), patienceMs)
      await ended
      appendEvent(layout, 'stop', record)
    } finally {
      clearTimeout(timer)
      ending[Symbol.dispose]()
    }
  }

  /** Runs a further program in it. @throws RtError RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_PAUSED, RT_COMMAND_NOT_FOUND, ... */
  exec(command: readonly [string, ...string[]], options: ProgramOptions = {}): Promise<RunningProgram> {
    return runProgram(this.rt, this.id, command, options)
  }

  /** What it has written, line by line; with `follow` also what it will write. @throws RtError RT_LOG_UNAVAILABLE */
  async *logs(options: Partial<LogOptions> = {}): AsyncGenerator<LogEntry, void, void> {
    for await (const entries of logEntries(this.rt.layout, this.rt.find(this.id), { follow: false, ...options }))
      yield* entries
  }

  /** What it uses now; processor time in percent since the last call, not at the first. */
  async stats(): Promise<Stats> {
    this.#stats ??= new StatsSource(this.rt, [this.id], { all: true })
    const [stats] = await this.#stats.look()
    if (!stats) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${this.name}`)
    return stats
  }

  async pause(): Promise<void> {
    only(await this.rt.pause([this.id], true))
  }

  async unpause(): Promise<void> {
    only(await this.rt.pause([this.id], false))
  }

  /** Changes its limits. @throws RtError RT_LIMIT_* */
  update(changes: ContainerUpdate, tell: (line: string) => void = () => {}): Promise<void> {
    return this.rt.update(this.id, changes, tell)
  }

  /** The ports of the host that lead to it. */
  get ports(): readonly PublishedPort[] {
    return this.rt.find(this.id).record.ports ?? []
  }

  /**
   * The port of the host that leads to one of its own: for `publish: ['127.0.0.1::80']`, where the system chose it.
   * @throws RtError RT_PORT_INVALID: none does
   */
  port(inside: number, protocol: PublishedPort['protocol'] = 'tcp'): number {
    const found = this.ports.find((port) => port.containerPort === inside && port.protocol === protocol)
    if (found) return found.hostPort
    throw new RtError('RT_PORT_INVALID', `The container ${this.name} publishes no port ${inside}/${protocol}`)
  }

  /** Its first IPv4 address; undefined: it has none of its own. */
  get address(): string | undefined {
    const { record } = this.rt.find(this.id)
    return record.networks
      .flatMap(({ attachment }) => attachment.interfaces.flatMap(({ addresses }) => addresses))
      .find((a) => !a.includes(':'))
      ?.split('/')[0]
  }

  /** The size of its terminal. False: it has none, or does not run. */
  resize(columns: number, rows: number): boolean {
    const door = openDoor(this.rt.layout.run(this.id))
    if (!door) return false
    const size = Buffer.alloc(4)
    new Uint16Array(size.buffer, size.byteOffset, 2).set([rows, columns])
    const sent = door.send('W', size)
    door.close()
    return sent
  }

  /** Removes it with everything that it wrote, and `volumes` that nobody has named. `force`: also while it runs. @throws RtError RT_CONTAINER_RUNNING */
  async remove({ force = false, volumes = false }: Partial<RemoveOptions> = {}): Promise<void> {
    try {
      if (force) await this.#end(SIGKILL, Number.POSITIVE_INFINITY, { mustLive: false })
      only(await this.rt.remove([this.id], { force: false, volumes }))
    } catch (error) {
      // Somebody was quicker.
      if (!isRtError(error) || error.code !== 'RT_CONTAINER_UNKNOWN') throw error
    }
  }
}

/** Of the one name that was given. */
export const only = <T>([outcome]: readonly Outcome<T>[]): T | undefined => {
  if (outcome && 'error' in outcome) throw outcome.error
  return outcome?.value
}
