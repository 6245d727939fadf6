import { symlinkSync } from 'node:fs'
import type { HostStep } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import { namedNetworks } from '../names/networks.ts'
import { renameSteps } from '../names/plan.ts'
import { type Context, stillStarting, target } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import { readLeave, writeLeave } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import { checkName, freeName } from '../store/names.ts'
import { reconcile } from '../store/reconcile.ts'
import { writeRecord } from '../store/record.ts'
import { refused } from '../store/refused.ts'
import { isLive } from '../store/state.ts'

/**
 * Gives a container another name. The new name is taken before the record says so and the old one is freed last: after a crash anywhere
 * the container is found by both, or by the one in its record.
 *
 * @throws RtError RT_NAME_INVALID, RT_NAME_TAKEN
 */
export const renameContainer = async ({ layout, registry }: Context, text: string, name: string): Promise<void> => {
  await refused(() => checkName(name))
  const store = await lockStore(layout)
  try {
    await reconcile(layout, registry)
    const container = target(layout, text)
    const { record, state } = container
    const { id } = record
    // Its rt is about to write the record with the old name.
    if (state.status === 'starting') throw stillStarting(container)
    await refused(() => freeName(layout, name))
    symlinkSync(id, layout.name(name))
    const leave = readLeave(layout, id)
    const unlink = (of: string): HostStep => ({
      where: 'host',
      op: 'file.remove',
      path: layout.name(of),
      holding: id,
      why: 'The name is free again.',
    })
    if (leave && leave.discard.length > 0)
      writeLeave(layout, id, { ...leave, discard: [unlink(name), ...leave.discard] })
    writeRecord(layout.record(id), { ...record, name })
    const networks = isLive(state) ? namedNetworks(record.networks) : []
    const known = renameSteps(layout, { id, name }, record.request, networks)
    const [error] = performLeave([...known, unlink(record.name)])
    if (error) throw error
    appendEvent(layout, 'rename', { ...record, name }, { oldName: record.name })
  } finally {
    store.release()
  }
}
