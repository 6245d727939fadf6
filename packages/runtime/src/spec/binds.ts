import { posix } from 'node:path'
import { type OciMount, RtError } from '@rt/driver-api'

const ACCEPTED = new Set(['rw', 'ro', 'private', 'rprivate'])
/** Labels are SELinux's, which rt does not set; the others are Docker Desktop's hints, or about named volumes. */
const WITHOUT_EFFECT = new Set(['z', 'Z', 'nocopy', 'consistent', 'cached', 'delegated'])

/**
 * `-v HOST:CONTAINER[:OPTIONS]` as a recursive bind mount.
 * @throws RtError RT_USAGE for what is no such thing, and for volume names and shared propagation, which rt does not have yet
 */
export function parseBind(given: string): OciMount {
  const usage = (problem: string, remedy = 'Write -v /host/path:/container/path[:ro].') =>
    new RtError('RT_USAGE', `-v ${given}: ${problem}`, { remedy })
  const parts = given.split(':')
  const [source = '', destination, words = ''] = parts
  if (destination === undefined) throw usage('anonymous volumes are not supported yet.')
  if (parts.length > 3) throw usage('there are too many colons.')
  if (source === '') throw usage('the host path is empty.')
  if (!source.startsWith('/')) {
    throw source.startsWith('.')
      ? usage('the host path must be absolute.', `Write -v "$PWD/${posix.normalize(source)}:${destination}".`)
      : usage(`"${source}" is no absolute path, and named volumes are not supported yet.`)
  }
  const target = containerPath(destination, usage)
  const options = new Set(['rbind', 'rprivate'])
  for (const word of words === '' ? [] : words.split(',')) {
    if (/^r?(shared|slave)$/.test(word)) throw usage(`mount propagation "${word}" is not supported yet.`)
    if (ACCEPTED.has(word)) options.add(word)
    else if (!WITHOUT_EFFECT.has(word)) throw usage(`there is no option "${word}".`)
  }
  if (options.has('ro') && options.has('rw')) throw usage('"ro" and "rw" contradict each other.')
  return { destination: target, type: 'bind', source: posix.normalize(source), options: [...options] }
}

/** Options of tmpfs that Docker accepts, besides flags of mount(8). */
const TMPFS_VALUES = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])
const TMPFS_FLAGS: Readonly<Record<string, string>> = {
  ro: 'rw',
  rw: 'ro',
  exec: 'noexec',
  noexec: 'exec',
  suid: 'nosuid',
  nosuid: 'suid',
  dev: 'nodev',
  nodev: 'dev',
}

/**
 * `--tmpfs PATH[:OPTIONS]`. Without options: not executable, no setuid, no devices, no limit but the kernel's (half of the memory).
 * @throws RtError RT_USAGE
 */
export function parseTmpfs(given: string): OciMount {
  const usage = (problem: string) =>
    new RtError('RT_USAGE', `--tmpfs ${given}: ${problem}`, {
      remedy: 'Write --tmpfs /path[:size=64m,mode=1777,exec].',
    })
  const colon = given.indexOf(':')
  const target = containerPath(colon < 0 ? given : given.slice(0, colon), usage)
  const options = new Set(['noexec', 'nosuid', 'nodev'])
  for (const word of colon < 0 ? [] : given.slice(colon + 1).split(',')) {
    const opposite = TMPFS_FLAGS[word]
    const [key = '', value = ''] = word.split('=')
    if (opposite !== undefined) {
      options.delete(opposite)
      options.add(word)
    } else if (TMPFS_VALUES.has(key) && value !== '') options.add(word)
    else throw usage(word === '' ? 'an option is empty.' : `there is no option "${word}".`)
  }
  return { destination: target, type: 'tmpfs', source: 'tmpfs', options: [...options] }
}

function containerPath(path: string, usage: (problem: string) => RtError): string {
  if (!path.startsWith('/')) throw usage('the path in the container must be absolute.')
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
  if (normal === '/') throw usage('the path in the container cannot be "/".')
  return normal
}
