import { RtError } from '@rt/driver-api'
import type { Combination } from './comparison.ts'

export const AXES = ['network', 'storage', 'isolation'] as const

/** The values of each axis, in order, each once; the configured one where none was given. */
export interface Axes {
  readonly network: readonly string[]
  readonly storage: readonly string[]
  readonly isolation: readonly string[]
}

/** `none,host,bridge`. @throws RtError RT_USAGE */
export const parseAxis = (axis: string, text: string | undefined, configured: string): string[] => {
  if (text === undefined) return [configured]
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === ''))
    throw new RtError('RT_USAGE', `--${axis}="${text}" names a driver without a name`, {
      remedy: `Give drivers with commas between them, as in --${axis}=${configured},...`,
    })
  return [...new Set(names)]
}

/** Each value of each axis with each of the others. The name says what differs; all three where nothing does. */
export const combine = (axes: Axes): (Combination & { readonly name: string })[] => {
  const differing = AXES.filter((axis) => axes[axis].length > 1)
  const named = differing.length > 0 ? differing : AXES
  return axes.isolation.flatMap((isolation) =>
    axes.storage.flatMap((storage) =>
      axes.network.map((network) => {
        const each = { network, storage, isolation }
        return { name: named.map((axis) => each[axis]).join(' + '), ...each }
      }),
    ),
  )
}
