import { posix } from 'node:path'
import { didYouMean, RtError } from '@rt/driver-api'
import { isName } from '../store/find.ts'

/** Makes the error of one flag. */
export type Refuse = (problem: string, remedy?: string) => RtError

export const refuser =
  (flag: string, given: string, usual: string): Refuse =>
  (problem, remedy = usual) =>
    new RtError('RT_USAGE', `${flag} ${given}: ${problem}`, { remedy })

/** A path in the container, normal and without a slash at its end. @throws RtError RT_USAGE */
export const containerPath = (path: string, refuse: Refuse): string => {
  if (!path.startsWith('/')) throw refuse('the path in the container must be absolute.')
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
  if (normal === '/') throw refuse('the path in the container cannot be "/".')
  return normal
}

/** A path of the host; what begins with a dot is below the caller's directory, as in Docker. */
export const hostPath = (path: string, cwd: string): string => posix.resolve(cwd, path)

export const isHostPath = (text: string): boolean => text.startsWith('/') || /^\.\.?(\/|$)/.test(text)

/** Docker's rule: two characters at least. @throws RtError RT_VOLUME_NAME_INVALID */
export const checkVolumeName = (name: string): void => {
  if (name.length < 2 || !isName(name))
    throw new RtError('RT_VOLUME_NAME_INVALID', `"${name}" is not a valid volume name`, {
      remedy:
        'Use letters, digits, "_", "." and "-", two at least and the first a letter or digit; a path of the host begins with "/" or "./".',
    })
}

export const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']

/** @throws RtError RT_USAGE */
export const checkPropagation = (word: string, refuse: Refuse): string => {
  if (PROPAGATIONS.includes(word)) return word
  throw refuse(
    `there is no propagation "${word}".${didYouMean(word, PROPAGATIONS)}`,
    `It is one of ${PROPAGATIONS.join(', ')}.`,
  )
}

/** rt has one kind of volume, which takes no options. @throws RtError RT_VOLUME_DRIVER */
export const checkDriver = (driver: string | undefined, options: readonly string[]): void => {
  if (driver !== undefined && driver !== 'local')
    throw new RtError('RT_VOLUME_DRIVER', `There is no volume driver "${driver}": a volume is a directory of this host`)
  if (options.length > 0)
    throw new RtError('RT_VOLUME_DRIVER', `A volume of rt takes no options, and "${options[0]}" is one`)
}
