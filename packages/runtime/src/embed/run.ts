import { start } from '../run/start.ts'
import type { WithContainers } from '../runtime/containers.ts'
import type { Context } from '../store/context.ts'
import type { Tell } from '../tell.ts'
import { spawned } from './front.ts'
import { type RunOptions, requestOf } from './options.ts'
import { RunningContainer } from './running.ts'

/** See `Runtime.run`. */
export const runContainer = async (
  rt: WithContainers,
  context: Context,
  options: RunOptions,
): Promise<RunningContainer> => {
  const { signal, detach = false, stdout = 'pipe', stderr = 'pipe', tell = () => {} } = options
  signal?.throwIfAborted()
  const { isolation, storage } = options
  const choice = { ...(isolation !== undefined && { isolation }), ...(storage !== undefined && { storage }) }
  const input = await rt.startInput(requestOf(options), abortable(tell, signal), choice)
  signal?.throwIfAborted()
  const front = spawned({ layout: rt.layout, owned: !detach, signal, stdout, stderr })
  const started = await start(input, front)
  const container = new RunningContainer(rt, context, started, await started.shim.started, detach ? undefined : signal)
  if (!signal?.aborted) return container
  await container.remove({ force: true, volumes: true })
  throw signal.reason
}

/** A fetch is given up as well. */
const abortable = (tell: Tell, signal: AbortSignal | undefined): Tell => {
  if (!signal) return tell
  return Object.assign((line: string) => tell(line), {
    progress: async () => ({ ...(await tell.progress?.()), signal }),
  })
}
