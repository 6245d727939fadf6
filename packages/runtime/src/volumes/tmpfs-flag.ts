import type { WantedMount } from '../store/mount-point.ts'
import { containerPath, refuser } from './words.ts'

/** Options of tmpfs that Docker accepts, besides flags of mount(8). */
const VALUES = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])
const OPPOSITES: Readonly<Record<string, string>> = {
  ro: 'rw',
  rw: 'ro',
  exec: 'noexec',
  noexec: 'exec',
  suid: 'nosuid',
  nosuid: 'suid',
  dev: 'nodev',
  nodev: 'dev',
}

/** Not executable, no setuid, no devices, no limit but the kernel's (half of the memory). */
export const TMPFS_DEFAULTS = ['noexec', 'nosuid', 'nodev']

/** `--tmpfs PATH[:OPTIONS]`. @throws RtError RT_USAGE */
export const parseTmpfsFlag = (given: string): WantedMount => {
  const refuse = refuser('--tmpfs', given, 'Write --tmpfs /path[:size=64m,mode=1777,exec].')
  const colon = given.indexOf(':')
  const destination = containerPath(colon < 0 ? given : given.slice(0, colon), refuse)
  const words = colon < 0 ? '' : given.slice(colon + 1)
  const options = new Set(TMPFS_DEFAULTS)
  for (const word of colon < 0 ? [] : words.split(',')) {
    const opposite = OPPOSITES[word]
    const [key = '', value = ''] = word.split('=')
    if (opposite !== undefined) {
      options.delete(opposite)
      options.add(word)
    } else if (VALUES.has(key) && value !== '') options.add(word)
    else throw refuse(word === '' ? 'an option is empty.' : `there is no option "${word}".`)
  }
  return {
    type: 'tmpfs',
    source: '',
    destination,
    readonly: options.has('ro'),
    options: [...options],
    by: 'tmpfs',
    mode: words,
  }
}
