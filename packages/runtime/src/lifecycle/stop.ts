import { isRtError, RtError } from '@rt/driver-api'
import type { ImageStore } from '@rt/images'
import { each, type Outcome } from '../each.ts'
import type { Container } from '../store/containers.ts'
import { type Context, stillStarting, target } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import { isLive } from '../store/state.ts'
import { awaitEnds, Ending } from './ending.ts'
import { thaw } from './paused.ts'
import { parseSignal } from './signals.ts'

export interface StopOptions {
  /** In place of the container's own. */
  readonly signal?: string
  /** Seconds until SIGKILL in place of the container's own; below 0: never. */
  readonly timeout?: number
  /** They are started again after it: one of `--rm` would not be there any more, and is refused. */
  readonly again?: boolean
}

const DEFAULT_TIMEOUT_S = 10

/**
 * Asks the containers to end and sees to it that they do: all are signalled first, and waited for together. One that has ended already
 * is no error.
 *
 * @throws RtError RT_SIGNAL_INVALID, before anything is done
 */
export const stopContainers = async (
  context: Context,
  names: readonly string[],
  options: StopOptions,
): Promise<Outcome<Container>[]> => {
  const { layout, images } = context
  const signal = options.signal === undefined ? undefined : parseSignal(options.signal)
  const endings = new Map<string, { ending: Ending; patienceMs: number }>()
  try {
    const outcomes = await each(names, async (name) => {
      const container = target(layout, name)
      const { record, state } = container
      if (!isLive(state) || endings.has(record.id)) return container
      if (state.status === 'starting') throw stillStarting(container)
      if (options.again && record.autoRemove)
        throw new RtError(
          'RT_CONTAINER_EPHEMERAL',
          `The container ${record.name} was made with --rm: stopped, it is gone`,
        )
      const number = signal ?? stopSignalOf(images, container)
      const ending = new Ending(layout, record, { final: true })
      endings.set(record.id, { ending, patienceMs: patience(options.timeout ?? record.request.stopTimeout) })
      ending.signal(number)
      appendEvent(layout, 'kill', record, { signal: number })
      await thaw(context, container)
      return container
    })
    awaitEnds([...endings.values()])
    for (const outcome of outcomes)
      if ('value' in outcome && endings.has(outcome.value.record.id)) appendEvent(layout, 'stop', outcome.value.record)
    return outcomes
  } finally {
    for (const { ending } of endings.values()) ending[Symbol.dispose]()
  }
}

const patience = (seconds = DEFAULT_TIMEOUT_S): number =>
  seconds < 0 ? Number.POSITIVE_INFINITY : Math.max(0, seconds) * 1000

/** Of the container, else of its image, else SIGTERM. An image's that is no signal is not worth a container that cannot be stopped. */
export const stopSignalOf = (images: ImageStore, { record }: Container): number => {
  if (record.request.stopSignal !== undefined) return parseSignal(record.request.stopSignal)
  const image = images.ofContainer(record.image.id)
  try {
    return parseSignal(image?.config.config?.StopSignal ?? 'TERM')
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_SIGNAL_INVALID') return parseSignal('TERM')
    throw error
  }
}
