import { type OptionReader, readOptions } from '@rt/driver-api'

export interface Options {
  /** How the container's root becomes `/`. */
  readonly root: 'pivot' | 'chroot'
}

const root: OptionReader<Options['root']> = {
  expected: '"pivot" or "chroot"',
  read: (value) => (value === 'pivot' || value === 'chroot' ? value : undefined),
}

/**
 * The section `isolation.namespaces` of the user's config.
 * @throws RtError RT_DRIVER_OPTION
 */
export const parseOptions = (given: Readonly<Record<string, unknown>>): Options => ({
  root: 'pivot',
  ...readOptions<Options>('isolation.namespaces', given, { root }),
})
