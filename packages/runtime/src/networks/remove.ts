import { rmdirSync, unlinkSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { performSteps } from '@rt/native'
import { each, type Outcome } from '../each.ts'
import type { PruneTest } from '../filters/prune.ts'
import { forgetNetworkSteps } from '../names/files.ts'
import type { Context } from '../store/context.ts'
import { refused } from '../store/refused.ts'
import { underLock } from '../store/under-lock.ts'
import { find } from './context.ts'
import { appendNetworkEvent } from './journal.ts'
import type { ResolvedNetwork } from './resolved.ts'
import { listNetworks, networkNames } from './store.ts'
import { namesOfUsers } from './users.ts'

/** Each by itself. @throws nothing but what is no RtError: RT_NET_UNKNOWN, RT_NET_IN_USE and RT_NET_MODE are outcomes */
export const removeNetworks = (context: Context, names: readonly string[]): Promise<Outcome[]> =>
  underLock(context, () => each(names, (name) => refused(async () => removeOne(context, await find(context, name)))))

/** Removes all that no live container is connected to and of which `test` holds; by name. */
export const pruneNetworks = (context: Context, test: PruneTest): Promise<Outcome[]> =>
  underLock(context, () => {
    const unused = listNetworks(context.layout)
      .filter(test)
      .map(({ definition }) => definition.name)
    return each(
      unused.filter((name) => namesOfUsers(context.layout, name).length === 0),
      (name) => refused(async () => removeOne(context, await find(context, name))),
    )
  })

const removeOne = async ({ layout }: Context, network: ResolvedNetwork): Promise<void> => {
  const { name, driver, driverName, definition } = network
  if (!definition)
    throw new RtError('RT_NET_MODE', `The network ${name} is the driver's own and cannot be removed`, {
      remedy: 'Use `rt system reset` to take away what it has made on this host.',
    })
  const users = namesOfUsers(layout, name)
  if (users.length > 0)
    throw new RtError('RT_NET_IN_USE', `The network ${name} is in use by ${listed(users)}`, {
      remedy: `Disconnect them with \`rt network disconnect ${name} CONTAINER\`, or stop them.`,
    })
  // First the host's, which may be done twice: after a crash in between the network is still there to be removed.
  performSteps([...((await driver.remove?.(definition)) ?? []), ...forgetNetworkSteps(layout, name)])
  unlinkSync(layout.network(name))
  if (networkNames(layout).length === 0) rmdirSync(layout.networks)
  appendNetworkEvent(layout, 'destroy', { name, id: definition.id, driver: driverName })
}

const MOST = 5

const listed = (names: readonly string[]): string =>
  names.length <= MOST ? names.join(', ') : `${names.slice(0, MOST).join(', ')} and ${names.length - MOST} more`
