import { readlinkSync } from 'node:fs'
import { type ContainerId, didYouMean, isRtError, RtError, shortId } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { listIfThere } from './files.ts'

const ID_PREFIX = /^[0-9a-f]{1,64}$/

/** By name, id or unambiguous prefix of an id, in this order. @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
export const findContainer = (layout: Layout, given: string): ContainerId => {
  const text = plainName(given)
  const named = isName(text) ? nameHolder(layout, text) : undefined
  if (named !== undefined) return named
  const ids = ID_PREFIX.test(text) ? listIfThere(layout.containers).filter((id) => id.startsWith(text)) : []
  const [id, another] = ids
  if (id !== undefined && another !== undefined)
    throw new RtError(
      'RT_CONTAINER_AMBIGUOUS',
      `"${text}" is the beginning of ${ids.length} container ids: ${ids.map(shortId).join(', ')}`,
    )
  if (id !== undefined) return id
  throw new RtError(
    'RT_CONTAINER_UNKNOWN',
    `No such container: ${given}.${didYouMean(text, listIfThere(layout.names))}`,
  )
}

/**
 * The same for one that another container is asked for with: where there is none, that other one could not be made, and the exit status is
 * `run`'s own, as in Docker.
 */
export const findOther = (layout: Layout, text: string): ContainerId => {
  try {
    return findContainer(layout, text)
  } catch (error) {
    if (!isRtError(error)) throw error
    const { code, message, remedy } = error
    throw new RtError(code, message, { remedy, cause: error, exitCode: 125 })
  }
}

/** undefined: nobody has the name. */
export const nameHolder = (layout: Layout, name: string): ContainerId | undefined => {
  try {
    return readlinkSync(layout.name(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** `inspect` says `/web`, as Docker does, and scripts give that back. */
export const plainName = (text: string): string => text.replace(/^\//, '')

/** Docker's rule, bounded so that a name fits into a file name and a host name label with room to spare. */
export const isName = (text: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(text)
