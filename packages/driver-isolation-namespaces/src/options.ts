import { type OptionReader, readOptions } from '@rt/driver-api'

export interface Options {
  /** How the container's root becomes `/`. */
  readonly root: 'pivot' | 'chroot'
  /** Whether containers that do not say are shown lxcfs's files; `auto`: where it runs. */
  readonly lxcfs: 'auto' | 'on' | 'off'
}

const root: OptionReader<Options['root']> = {
  expected: '"pivot" or "chroot"',
  read: (value) => (value === 'pivot' || value === 'chroot' ? value : undefined),
}

const lxcfs: OptionReader<Options['lxcfs']> = {
  expected: '"auto", "on" or "off"',
  // Older YAML takes the two words for truth values.
  read: (value) => {
    if (value === true) return 'on'
    if (value === false) return 'off'
    return value === 'auto' || value === 'on' || value === 'off' ? value : undefined
  },
}

/**
 * The section `isolation.namespaces` of the user's config.
 * @throws RtError RT_DRIVER_OPTION
 */
export const parseOptions = (given: Readonly<Record<string, unknown>>): Options => ({
  root: 'pivot',
  lxcfs: 'auto',
  ...readOptions<Options>('isolation.namespaces', given, { root, lxcfs }),
})
