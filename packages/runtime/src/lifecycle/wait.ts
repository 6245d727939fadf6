import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { openDoor, WAIT_ONLY, waitUnlocked } from '@rt/native'
import { each, type Outcome } from '../each.ts'
import type { Container } from '../store/containers.ts'
import { type Context, target } from '../store/context.ts'
import { lockStore } from '../store/lock.ts'
import { reconcile } from '../store/reconcile.ts'
import { containerState, type End, isLive, parseEnd } from '../store/state.ts'

/** Waits until each container has ended, one after the other, and answers its exit status. `tell` hears of each at once. */
export const waitForContainers = (
  context: Context,
  names: readonly string[],
  tell: (outcome: Outcome<number>) => void,
): Promise<Outcome<number>[]> =>
  // A container of --rm that ends while another is waited for leaves nothing to ask: all are found and listened to first.
  each(names, (name) => listen(context, target(context.layout, name))).then(async (listening) => {
    const outcomes: Outcome<number>[] = []
    for (const heard of listening) {
      const [outcome] = 'error' in heard ? [heard] : await each([heard.name], heard.value)
      if (!outcome) continue
      outcomes.push(outcome)
      tell(outcome)
    }
    return outcomes
  })

/** Answers how to wait for it. */
const listen = (context: Context, container: Container): (() => Promise<number>) => {
  const { record, state } = container
  const { layout } = context
  if (!isLive(state)) return async () => codeAtRest(container)
  const restarts = (record.request.restart?.name ?? 'no') !== 'no'
  // The lock of one that is restarted is held on, and --rm leaves no exit file: for those only the monitor knows.
  const door = record.autoRemove || restarts ? openDoor(layout.run(record.id)) : undefined
  door?.send('A', Uint8Array.of(WAIT_ONLY))
  const word = record.autoRemove && !door ? openWord(layout.waited(record.id)) : undefined
  return async () => {
    const code = door && heardExit(door)
    if (code !== undefined) return code
    waitUnlocked(layout.lock(record.id))
    const told = word === undefined ? undefined : wordOf(word)?.exitCode
    return told ?? codeAfter(context, container)
  }
}

/** The monitor's word stays readable after the directory it was in is gone. undefined: that has happened already. */
export const openWord = (path: string): number | undefined => {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export const wordOf = (fd: number): End | undefined => {
  try {
    return parseEnd(readFileSync(fd, 'utf8'))
  } finally {
    closeSync(fd)
  }
}

const heardExit = (door: NonNullable<ReturnType<typeof openDoor>>): number | undefined => {
  try {
    for (let message = door.receive(); message !== undefined; message = door.receive())
      if (message[0] === 'X'.charCodeAt(0) && message.length >= 5) return message.readInt32LE(1)
    return undefined
  } finally {
    door.close()
  }
}

const codeAtRest = ({ state }: Container): number =>
  state.status === 'exited' || state.status === 'dead' ? state.exitCode : 0

const codeAfter = async ({ layout, registry }: Context, { record }: Container): Promise<number> => {
  const store = await lockStore(layout)
  try {
    // Where its monitor was killed nobody has written how it ended.
    await reconcile(layout, registry)
  } finally {
    store.release()
  }
  const state = containerState(layout, record.id)
  if (state.status === 'exited' || state.status === 'dead') return state.exitCode
  throw new RtError(
    'RT_CONTAINER_EPHEMERAL',
    `The container ${record.name} has ended, and its exit status went with it`,
    {
      remedy: 'Only the `rt run --rm` that it ran in has it.',
    },
  )
}
