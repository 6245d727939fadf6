import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import type { WantedMount } from '../store/mount-point.ts'

/**
 * Whether the host can mount what was asked for, before anything is made.
 * @throws RtError RT_MOUNT_SOURCE, RT_MOUNT_PROPAGATION, RT_MOUNT_UNSUPPORTED
 */
export const checkBind = ({ source = '', destination, make, propagation, recursive }: WantedMount): void => {
  const isThere = existsSync(source)
  if (!isThere && !make)
    throw new RtError('RT_MOUNT_SOURCE', `${source} cannot be mounted at ${destination}, because it is not on the host`)
  if (recursive === 'readonly' && !kernelAtLeast(5, 12))
    throw new RtError('RT_MOUNT_UNSUPPORTED', `This kernel cannot make what is mounted below ${source} read-only`, {
      remedy: 'Use bind-recursive=enabled, which does it where it can, or Linux 5.12.',
    })
  if (propagation === undefined || propagation.endsWith('private')) return
  const parents = isThere ? [realpathSync(source)] : []
  const mount = mountOf(parents[0] ?? source, readFileSync('/proc/self/mountinfo', 'utf8'))
  const isShared = mount.words.includes('shared:')
  if (isShared || (propagation.endsWith('slave') && mount.words.includes('master:'))) return
  const wanted = propagation.endsWith('shared') ? 'shared' : 'shared or slave'
  throw new RtError(
    'RT_MOUNT_PROPAGATION',
    `${source} cannot be mounted with the propagation ${propagation}: it lies on the mount ${mount.point}, which is not ${wanted}`,
    { remedy: `Make it shared on the host first: mount --make-shared ${mount.point}` },
  )
}

interface HostMount {
  readonly point: string
  /** The optional fields of its line, proc_pid_mountinfo(5): `shared:1 master:2`. */
  readonly words: string
}

/** The mount that a path lies on: the last of the longest mount point above it. */
export const mountOf = (path: string, mountinfo: string): HostMount => {
  let found: HostMount = { point: '/', words: '' }
  for (const line of mountinfo.split('\n')) {
    const [before = ''] = line.split(' - ')
    const [, , , , escaped, , ...words] = before.split(' ')
    if (escaped === undefined) continue
    const point = escaped.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    )
    const isAbove = path === point || path.startsWith(point === '/' ? '/' : `${point}/`)
    if (isAbove && point.length >= found.point.length) found = { point, words: words.join(' ') }
  }
  return found
}

const kernelAtLeast = (major: number, minor: number): boolean => {
  const [, first = '0', second = '0'] = /^(\d+)\.(\d+)/.exec(process.getBuiltinModule('node:os').release()) ?? []
  return Number(first) > major || (Number(first) === major && Number(second) >= minor)
}
