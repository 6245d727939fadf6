import type { PullOptions } from '@rt/images'

/** Is given one line about what had to be made or fetched first. */
export interface Tell {
  (line: string): void
  /** Whoever shows the steps of a fetch; asked for when there is one. */
  progress?: () => Promise<Pick<PullOptions, 'onFound' | 'onProgress' | 'signal'>>
}
