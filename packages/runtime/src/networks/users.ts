import type { Layout } from '../layout.ts'
import { readLeave } from '../store/leave.ts'
import { liveContainers } from '../store/reconcile.ts'
import { type ConnectedNetwork, type ContainerRecord, readRecord } from '../store/record.ts'

/** A live container that is connected to a network. */
export interface NetworkUser {
  readonly record: ContainerRecord
  readonly connected: ConnectedNetwork
}

/** Those whose start has come so far that there is a record of it. */
export const usersOf = (layout: Layout, network: string): NetworkUser[] =>
  [...liveContainers(layout)].flatMap((id) => {
    const record = readRecord(layout.record(id))
    const connected = record?.networks.find(({ name }) => name === network)
    return record && connected ? [{ record, connected }] : []
  })

/** Names of the containers for which a network has to stay, those that are just being started among them. As in Docker not those that do not run. */
export const namesOfUsers = (layout: Layout, network: string): string[] =>
  [...liveContainers(layout)].flatMap((id) => {
    const record = readRecord(layout.record(id))
    const networks = record?.networks ?? readLeave(layout, id)?.networks ?? []
    return networks.some(({ name }) => name === network) ? [record?.name ?? id.slice(0, 12)] : []
  })
