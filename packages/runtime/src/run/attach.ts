import { existsSync } from 'node:fs'
import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { becomeAttached, type ClientOptions, isTerminal } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { readContainer } from '../store/containers.ts'
import type { ContainerRecord } from '../store/record.ts'

/**
 * A terminal that is given input wants one on this side, too: raw mode, its size, the keys that let go of it.
 * @throws RtError RT_USAGE
 */
export const needTerminal = ({ name, request }: Pick<ContainerRecord, 'name' | 'request'>): void => {
  if (!request.spec.tty || request.stdin === 'null' || isTerminal(0)) return
  throw new RtError('RT_USAGE', `The container ${name} has a terminal, and standard input here is none`, {
    remedy: `Use \`rt attach --no-stdin ${name}\` to look on, or \`rt logs -f ${name}\`.`,
    exitCode: 1,
  })
}

/** @throws RtError RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_PAUSED, RT_CONTAINER_NO_DOOR */
export const attach = async (
  layout: Layout,
  registry: DriverRegistry,
  id: ContainerId,
  options: ClientOptions,
): Promise<never> => {
  const container = readContainer(layout, id)
  const name = container?.record.name ?? shortId(id)
  if (container?.state.status !== 'running')
    throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${name} is not running`)
  if (!existsSync(layout.door(id)))
    throw new RtError(
      'RT_CONTAINER_NO_DOOR',
      `The container ${name} has the streams of the command that runs it, and nobody else can join them`,
    )
  const isolation = await registry.resolve('isolation', container.record.drivers.isolation)
  // It would neither say nor hear anything, and its caller not know why.
  if (isolation.isFrozen?.({ id }))
    throw new RtError('RT_CONTAINER_PAUSED', `The container ${name} is paused`, {
      remedy: `Let it go on with \`rt unpause ${name}\`.`,
    })
  if (options.stdin) needTerminal(container.record)
  return becomeAttached(layout.door(id), options)
}
