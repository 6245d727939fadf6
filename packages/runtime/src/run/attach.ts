import { existsSync } from 'node:fs'
import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { becomeAttached, type ClientOptions } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readContainer } from '../store/containers.ts'

/** @throws RtError RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_NO_DOOR */
export const attach = (layout: Layout, id: ContainerId, options: ClientOptions): never => {
  const container = readContainer(layout, id)
  const name = container?.record.name ?? shortId(id)
  if (container?.state.status !== 'running')
    throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${name} is not running`)
  if (!existsSync(layout.door(id)))
    throw new RtError(
      'RT_CONTAINER_NO_DOOR',
      `The container ${name} has the streams of the command that runs it, and nobody else can join them`,
    )
  return becomeAttached(layout.door(id), options)
}
