import { posix } from 'node:path'
import { didYouMean } from '@rt/driver-api'
import { parseBytes } from '../spec/size.ts'
import type { MountPoint, WantedMount } from '../store/mount-point.ts'
import { TMPFS_DEFAULTS } from './tmpfs-flag.ts'
import {
  checkDriver,
  checkPropagation,
  checkVolumeName,
  containerPath,
  hostPath,
  isHostPath,
  type Refuse,
  refuser,
} from './words.ts'

const TYPES = ['bind', 'volume', 'tmpfs'] as const
type MountType = (typeof TYPES)[number]

/** Docker's keys, their other names, and the type of mount that alone has them. */
const KEYS: Readonly<Record<string, { readonly is?: string; readonly only?: MountType; readonly flag?: true }>> = {
  type: {},
  source: {},
  src: { is: 'source' },
  target: {},
  destination: { is: 'target' },
  dst: { is: 'target' },
  readonly: { flag: true },
  ro: { is: 'readonly', flag: true },
  consistency: {},
  'bind-propagation': { only: 'bind' },
  'bind-recursive': { only: 'bind' },
  'bind-nonrecursive': { only: 'bind', flag: true },
  'volume-nocopy': { only: 'volume', flag: true },
  'volume-subpath': { only: 'volume' },
  'volume-label': { only: 'volume' },
  'volume-driver': { only: 'volume' },
  'volume-opt': { only: 'volume' },
  'tmpfs-size': { only: 'tmpfs' },
  'tmpfs-mode': { only: 'tmpfs' },
}

type Options = ReadonlyMap<string, readonly string[]>

/**
 * `--mount type=bind|volume|tmpfs,KEY=VALUE,...`.
 * @param cwd what `./` is below
 * @throws RtError RT_USAGE, RT_VOLUME_NAME_INVALID, RT_VOLUME_DRIVER
 */
export const parseMountFlag = (given: string, cwd: string): WantedMount => {
  const refuse = refuser(
    '--mount',
    given,
    'Write --mount type=bind|volume|tmpfs,source=...,target=/container/path[,readonly].',
  )
  const options = parseOptions(given, refuse)
  const type = typeOf(options, refuse)
  for (const key of options.keys()) {
    const only = KEYS[key]?.only
    if (only !== undefined && only !== type)
      throw refuse(`"${key}" is for mounts of type ${only}, and this one is of type ${type}.`)
  }
  const target = last(options, 'target')
  if (target === undefined) throw refuse('a target is missing.', 'Add target=/container/path.')
  const shared = {
    destination: containerPath(target, refuse),
    readonly: truth(options, 'readonly', refuse),
    by: 'mount',
    mode: '',
  } as const
  const source = last(options, 'source')
  if (type === 'tmpfs') {
    if (source !== undefined) throw refuse('a tmpfs has no source.')
    return { ...shared, type, source: '', options: tmpfsOptions(options, shared.readonly, refuse) }
  }
  return type === 'bind'
    ? { ...shared, type, ...bind(options, source, cwd, refuse) }
    : { ...shared, type, ...volume(options, source, refuse) }
}

/** A CSV record, as in Docker: a field in double quotes may hold commas, and two double quotes in it are one. */
const fields = (given: string, refuse: Refuse): string[] => {
  const parts: string[] = []
  let open = false
  for (const piece of given.split(',')) {
    const quotes = piece.split('"').length - 1
    if (open) parts.push(`${parts.pop()},${piece}`)
    else parts.push(piece)
    if (quotes % 2 === 1) open = !open
  }
  if (open) throw refuse('a double quote is not closed.')
  if (parts.includes('')) throw refuse('an option is empty.')
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
}

const parseOptions = (given: string, refuse: Refuse): Options => {
  const options = new Map<string, string[]>()
  for (const field of fields(given, refuse)) {
    const at = field.indexOf('=')
    const word = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    const known = Object.hasOwn(KEYS, word) ? KEYS[word] : undefined
    if (!known) throw refuse(`there is no option "${word}".${didYouMean(word, Object.keys(KEYS))}`)
    if (at < 0 && !known.flag) throw refuse(`"${word}" wants a value: ${word}=...`)
    const key = known.is ?? word
    options.set(key, [...(options.get(key) ?? []), at < 0 ? 'true' : field.slice(at + 1)])
  }
  return options
}

const last = (options: Options, key: string): string | undefined => options.get(key)?.at(-1)

const typeOf = (options: Options, refuse: Refuse): MountType => {
  const word = (last(options, 'type') ?? 'volume').toLowerCase()
  const type = TYPES.find((known) => known === word)
  if (type === undefined)
    throw refuse(`there is no type "${word}".${didYouMean(word, TYPES)}`, 'It is bind, volume or tmpfs.')
  return type
}

const truth = (options: Options, key: string, refuse: Refuse): boolean => {
  const word = last(options, key) ?? 'false'
  if (/^(1|t|true)$/i.test(word)) return true
  if (/^(0|f|false)$/i.test(word)) return false
  throw refuse(`"${key}" is true or false, not "${word}".`)
}

const RECURSIVE = ['enabled', 'disabled', 'writable', 'readonly']

const bind = (
  options: Options,
  source: string | undefined,
  cwd: string,
  refuse: Refuse,
): Pick<WantedMount, 'source' | 'propagation' | 'recursive'> => {
  if (source === undefined || source === '') throw refuse('a bind mount wants a source.', 'Add source=/host/path.')
  if (!isHostPath(source))
    throw refuse(
      `the source "${source}" is not an absolute path.`,
      `Write source=./${source} for what is in this directory.`,
    )
  const propagation = last(options, 'bind-propagation')
  const recursive =
    last(options, 'bind-recursive') ?? (truth(options, 'bind-nonrecursive', refuse) ? 'disabled' : 'enabled')
  if (!RECURSIVE.includes(recursive))
    throw refuse(
      `there is no bind-recursive "${recursive}".${didYouMean(recursive, RECURSIVE)}`,
      `It is one of ${RECURSIVE.join(', ')}.`,
    )
  if ((recursive === 'writable' || recursive === 'readonly') && !truth(options, 'readonly', refuse))
    throw refuse(`bind-recursive=${recursive} says how a mount is read-only, and this one is not.`, 'Add readonly.')
  if (recursive === 'readonly' && propagation !== undefined && propagation !== 'rprivate')
    throw refuse('with bind-recursive=readonly the propagation can only be rprivate.', 'Leave bind-propagation out.')
  return {
    source: hostPath(source, cwd),
    ...(propagation !== undefined && { propagation: checkPropagation(propagation, refuse) }),
    ...(recursive !== 'enabled' && { recursive: recursive as NonNullable<MountPoint['recursive']> }),
  }
}

const volume = (options: Options, name: string | undefined, refuse: Refuse): Partial<WantedMount> => {
  checkDriver(last(options, 'volume-driver'), options.get('volume-opt') ?? [])
  const named = name !== undefined && name !== ''
  if (named && isHostPath(name))
    throw refuse(`the source "${name}" of a volume is a path of the host.`, 'Use type=bind for a path of the host.')
  if (named) checkVolumeName(name)
  const subpath = last(options, 'volume-subpath')
  if (subpath !== undefined && (posix.isAbsolute(subpath) || posix.normalize(subpath).startsWith('..')))
    throw refuse(`volume-subpath "${subpath}" is not a path below the volume.`)
  if (subpath !== undefined && !named)
    throw refuse('a new volume has no volume-subpath.', 'Name a volume with source=NAME.')
  const labels = Object.fromEntries(
    (options.get('volume-label') ?? []).map((text) => {
      const at = text.indexOf('=')
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )
  return {
    ...(named ? { name } : { anonymous: true as const }),
    ...(subpath !== undefined && subpath !== '' && { subpath: posix.normalize(subpath) }),
    ...(!truth(options, 'volume-nocopy', refuse) && subpath === undefined && { fill: true as const }),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
}

const tmpfsOptions = (options: Options, readonly: boolean, refuse: Refuse): string[] => {
  const size = last(options, 'tmpfs-size')
  const mode = last(options, 'tmpfs-mode')
  const bytes = size === undefined ? undefined : parseBytes(size)
  if (size !== undefined && bytes === undefined)
    throw refuse(`tmpfs-size "${size}" is not a size.`, 'Write a number of bytes, or with a unit: 64m, 1g.')
  if (mode !== undefined && !/^[0-7]{1,4}$/.test(mode))
    throw refuse(`tmpfs-mode "${mode}" is not a file mode.`, 'Write it in octal: 1777, 0700.')
  return [
    ...TMPFS_DEFAULTS,
    ...(readonly ? ['ro'] : []),
    ...(bytes === undefined ? [] : [`size=${bytes}`]),
    `mode=${mode ?? '1777'}`,
  ]
}
