import { each, type Outcome } from '../each.ts'
import { type Context, notRunning, stillStarting, target } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import { isLive } from '../store/state.ts'
import { awaitEnds, Ending } from './ending.ts'
import { thaw } from './paused.ts'
import { parseSignal } from './signals.ts'
import { stopSignalOf } from './stop.ts'

const SIGKILL = 9

/**
 * Sends a signal to the first process of each container. SIGKILL and the container's own stop signal mean that it is to end: it is not
 * restarted then. After SIGKILL it has ended and is cleaned up when this returns.
 *
 * @throws RtError RT_SIGNAL_INVALID, before anything is done
 */
export const killContainers = async (
  context: Context,
  names: readonly string[],
  signal = 'KILL',
): Promise<Outcome[]> => {
  const { layout, images } = context
  const number = parseSignal(signal)
  const killed: Ending[] = []
  try {
    const outcomes = await each(names, async (name) => {
      const container = target(layout, name)
      if (!isLive(container.state)) throw notRunning(container)
      if (container.state.status === 'starting') throw stillStarting(container)
      const final = number === SIGKILL || number === stopSignalOf(images, container)
      const ending = new Ending(layout, container.record, { final })
      killed.push(ending)
      if (ending.pidfd === undefined && !final) throw notRunning(container)
      ending.signal(number)
      appendEvent(layout, 'kill', container.record, { signal: number })
      if (final) await thaw(context, container)
    })
    if (number === SIGKILL) awaitEnds(killed.map((ending) => ({ ending, patienceMs: Number.POSITIVE_INFINITY })))
    return outcomes
  } finally {
    for (const ending of killed) ending[Symbol.dispose]()
  }
}
