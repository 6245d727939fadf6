import { RtError } from '@rt/driver-api'
import type { ImageStore } from '@rt/images'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { type Container, readContainer } from './containers.ts'
import { findContainer } from './find.ts'

/** Where the containers are, and who knows about them. */
export interface Context {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly images: ImageStore
}

/** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
export const target = (layout: Layout, text: string): Container => {
  const container = readContainer(layout, findContainer(layout, text))
  // Its rt was killed before it wrote a record, or has not come so far yet.
  if (!container) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${text}`)
  return container
}

export const notRunning = ({ record, state }: Container): RtError =>
  new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${record.name} is not running: it is ${state.status}`)

export const stillStarting = ({ record }: Container): RtError =>
  new RtError('RT_CONTAINER_RUNNING', `The container ${record.name} is just being started`, {
    remedy: 'Try again in a moment.',
  })
