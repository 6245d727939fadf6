import { mkdirSync } from 'node:fs'
import { type NetworkSubnet, RtError } from '@rt/driver-api'
import { newContainerId } from '../identity.ts'
import type { Context } from '../store/context.ts'
import { writeAtomically } from '../store/files.ts'
import { isName } from '../store/find.ts'
import { isoTime } from '../store/time.ts'
import { underLock } from '../store/under-lock.ts'
import { appendNetworkEvent } from './journal.ts'
import { networkDrivers } from './resolve.ts'
import { definitionsOf, type NetworkRecord, readNetwork } from './store.ts'

export interface NetworkCreation {
  readonly name: string
  /** `bridge` where undefined. */
  readonly driver?: string
  readonly subnets: readonly NetworkSubnet[]
  readonly internal: boolean
  readonly ipv6: boolean
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

const DEFAULT_DRIVER = 'bridge'
/** Words of `--network` that mean something else. */
const RESERVED = ['none', 'host', 'container', 'default']

/**
 * Defines a network: it comes into being with its first container.
 *
 * @throws RtError RT_NET_NAME_INVALID, RT_NET_EXISTS, RT_DRIVER_UNKNOWN, RT_DRIVER_LACKS, and what the driver says of the subnets
 */
export const createNetwork = async (context: Context, creation: NetworkCreation): Promise<NetworkRecord> =>
  underLock(context, async () => {
    const { layout, registry } = context
    const { name, driver: driverName = DEFAULT_DRIVER, labels, ...asked } = creation
    checkName(name)
    if (networkDrivers(registry).includes(name))
      throw new RtError('RT_NET_EXISTS', `A network cannot be called ${name}: a network driver is`)
    if (readNetwork(layout, name)) throw new RtError('RT_NET_EXISTS', `There is a network ${name} already`)
    const driver = await registry.resolve('network', driverName)
    if (!driver.define)
      throw new RtError('RT_DRIVER_LACKS', `The network driver ${driverName} has only its own network`)
    const definition = await driver.define({ ...asked, name, id: newContainerId() }, definitionsOf(layout, driverName))
    const record: NetworkRecord = { version: 1, driver: driverName, created: isoTime(Date.now()), labels, definition }
    mkdirSync(layout.networks, { recursive: true, mode: 0o700 })
    writeAtomically(layout.network(name), JSON.stringify(record))
    appendNetworkEvent(layout, 'create', { name, id: definition.id, driver: driverName })
    return record
  })

const checkName = (name: string): void => {
  if (RESERVED.includes(name))
    throw new RtError('RT_NET_NAME_INVALID', `A network cannot be called ${name}: the word has a meaning of its own`)
  if (!isName(name)) throw new RtError('RT_NET_NAME_INVALID', `"${name}" is not a valid network name`)
}
