import { existsSync } from 'node:fs'
import { type ContainerId, type HostStep, RtError, shortId } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import type { Layout } from '../layout.ts'
import { listIfThere } from './files.ts'
import { isName, nameHolder } from './find.ts'
import { readRecord } from './record.ts'

/** @throws RtError RT_NAME_INVALID */
export const checkName = (name: string): void => {
  if (!isName(name)) throw new RtError('RT_NAME_INVALID', `"${name}" is not a valid container name`)
}

/**
 * Sees to it that a container may take the name; under the store's lock. One that a crash or a rename left to nobody is freed.
 *
 * @throws RtError RT_NAME_TAKEN
 */
export const freeName = (layout: Layout, name: string): void => {
  const holder = nameHolder(layout, name)
  if (holder === undefined) return
  if (!isStale(layout, name, holder))
    throw new RtError('RT_NAME_TAKEN', `The container name "${name}" is taken by ${shortId(holder)}`, {
      remedy: `Remove that container with \`rt rm ${name}\`, or choose another name.`,
    })
  const [error] = performLeave([unlinkStep(layout, name, holder)])
  if (error) throw error
}

/** Frees every name that is nobody's any more, under the store's lock; two listings while there are as many names as containers. */
export const sweepNames = (layout: Layout): Error[] => {
  const names = listIfThere(layout.names)
  if (names.length === listIfThere(layout.containers).length) return []
  return names.flatMap((name) => {
    const holder = nameHolder(layout, name)
    return holder !== undefined && isStale(layout, name, holder) ? performLeave([unlinkStep(layout, name, holder)]) : []
  })
}

/** The container has gone, or its record has another name: a rename was cut short, or its container ended by itself with the old name. */
const isStale = (layout: Layout, name: string, holder: ContainerId): boolean => {
  const record = readRecord(layout.record(holder))
  if (record) return record.name !== name
  return !existsSync(layout.container(holder)) && !existsSync(layout.run(holder))
}

const unlinkStep = (layout: Layout, name: string, holder: ContainerId): HostStep => ({
  where: 'host',
  op: 'file.remove',
  path: layout.name(name),
  holding: holder,
  why: 'The name is free again.',
})
