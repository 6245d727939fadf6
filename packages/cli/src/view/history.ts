import type { Image } from '@rt/images'

export interface HistoryStep {
  /** Of the image at the topmost step; the others are known by nobody any more. */
  readonly id: string
  /** RFC 3339 */
  readonly created?: string
  readonly createdBy: string
  /** Bytes of its layer; 0 where it only changed the config. */
  readonly size: number
  readonly comment: string
}

const MISSING = '<missing>'

/** Newest first, as in Docker. Layers that the history says nothing of stand below it. */
export const imageHistory = ({ id, config }: Image, sizes: readonly number[]): HistoryStep[] => {
  const history = config.history ?? []
  const told = history.filter(({ empty_layer }) => empty_layer !== true).length
  let layer = Math.max(0, sizes.length - told)
  const steps: HistoryStep[] = sizes.slice(0, layer).map((size) => ({ id: MISSING, createdBy: '', size, comment: '' }))
  for (const { created, created_by = '', comment = '', empty_layer } of history) {
    const size = empty_layer === true ? 0 : (sizes[layer++] ?? 0)
    steps.push({ id: MISSING, ...(created && { created }), createdBy: created_by, size, comment })
  }
  const [top, ...below] = steps.reverse()
  return top === undefined ? [] : [{ ...top, id }, ...below]
}
