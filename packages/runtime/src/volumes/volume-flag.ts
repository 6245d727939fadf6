import { didYouMean } from '@rt/driver-api'
import type { WantedMount } from '../store/mount-point.ts'
import { checkVolumeName, containerPath, hostPath, isHostPath, PROPAGATIONS, type Refuse, refuser } from './words.ts'

/** Labels are SELinux's, which rt does not set; the others are Docker Desktop's hints. */
const WITHOUT_EFFECT = ['z', 'Z', 'consistent', 'cached', 'delegated']
const WORDS = ['ro', 'rw', 'nocopy', ...PROPAGATIONS, ...WITHOUT_EFFECT]

/**
 * `-v [HOST|VOLUME:]CONTAINER[:OPTIONS]`.
 * @param cwd what `./` is below
 * @throws RtError RT_USAGE, RT_VOLUME_NAME_INVALID
 */
export const parseVolumeFlag = (given: string, cwd: string): WantedMount => {
  const refuse = refuser('-v', given, 'Write -v /host/path:/container/path[:ro] or -v volume:/container/path[:ro].')
  const parts = given.split(':')
  if (parts.length > 3) throw refuse('there are too many colons.')
  const [first = '', second, words = ''] = parts
  if (second === undefined) {
    if (first !== '' && !first.startsWith('/'))
      throw refuse('the path in the container must be absolute.', `Write -v ${first}:/container/path.`)
    return { ...shared, anonymous: true, destination: containerPath(first, refuse), mode: '' }
  }
  if (first === '') throw refuse('the host path or volume is empty.')
  if (!isHostPath(first)) checkVolumeName(first)
  const destination = containerPath(second, refuse)
  const options = parseWords(words, refuse)
  const { readonly, propagation, nocopy } = options
  if (!isHostPath(first)) {
    if (propagation !== undefined) throw refuse(`a volume has no propagation, and "${propagation}" is one.`)
    const { fill: _, ...unfilled } = shared
    return { ...(nocopy ? unfilled : shared), name: first, destination, readonly, mode: words }
  }
  if (nocopy) throw refuse('"nocopy" is for volumes, and this is a path of the host.')
  return {
    type: 'bind',
    source: hostPath(first, cwd),
    destination,
    readonly,
    ...(propagation !== undefined && { propagation }),
    make: true,
    by: 'volume',
    mode: words,
  }
}

const shared = { type: 'volume', readonly: false, fill: true, by: 'volume' } as const

interface Words {
  readonly readonly: boolean
  readonly nocopy: boolean
  readonly propagation?: string
}

const parseWords = (text: string, refuse: Refuse): Words => {
  const words = text === '' ? [] : text.split(',')
  for (const word of words)
    if (!WORDS.includes(word))
      throw refuse(word === '' ? 'an option is empty.' : `there is no option "${word}".${didYouMean(word, WORDS)}`)
  if (words.includes('ro') && words.includes('rw')) throw refuse('"ro" and "rw" contradict each other.')
  const [propagation, another] = words.filter((word) => PROPAGATIONS.includes(word))
  if (another !== undefined) throw refuse(`"${propagation}" and "${another}" contradict each other.`)
  return {
    readonly: words.includes('ro'),
    nocopy: words.includes('nocopy'),
    ...(propagation !== undefined && { propagation }),
  }
}
