import { choiceOption, declaredOptions, type OptionReader, option } from '@rt/driver-api'

export interface Options {
  /** How the container's root becomes `/`. */
  readonly root: 'pivot' | 'chroot'
  /** Whether containers that do not say are shown lxcfs's files; `auto`: where it runs. */
  readonly lxcfs: 'auto' | 'on' | 'off'
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

export const OPTIONS = {
  root: option(choiceOption('pivot', 'chroot'), {
    description: 'How the root becomes `/`: pivot_root(2), or chroot(2) where the root cannot be pivoted.',
    default: 'pivot',
  }),
  lxcfs: option(lxcfs, {
    description: "Whether containers are shown lxcfs's files in /proc; auto: where it runs.",
    default: 'auto',
  }),
}

/**
 * The section `isolation.namespaces` of the user's config.
 * @throws RtError RT_DRIVER_OPTION
 */
export const parseOptions = (given: Readonly<Record<string, unknown>>): Options =>
  declaredOptions('isolation.namespaces', given, OPTIONS)
