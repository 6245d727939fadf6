import { isRtError, RtError } from '@rt/driver-api'
import type { Runtime } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { containerFlags } from '../flags/run.ts'

/**
 * What the words of `rt explain` mean. `--type` decides. Without it one word alone, with no flag of a run, is a container where one has
 * this name, or an id that begins so and no image is called that; everything else is a run of an image.
 *
 * @param tell is given a line where there are both
 * @throws RtError RT_USAGE
 */
export const subjectOf = (
  rt: Runtime,
  flags: ParsedFlags,
  words: readonly string[],
  tell: (line: string) => void,
): 'container' | 'image' => {
  const [word = '', ...rest] = words
  const type = flags.text('type')
  const isRun = rest.length > 0 || isAny(flags, containerFlags)
  if (type === 'container' && isRun)
    throw new RtError(
      'RT_USAGE',
      'A container is explained as it was started: neither a command nor flags of a run go with it.',
      {
        remedy: `Use \`rt explain --type=container ${word}\`, with --format and --lang before the name.`,
      },
    )
  if (type === 'container' || type === 'image') return type
  const name = containerOf(rt, word)
  const image = imageIsThere(rt, word)
  if (rest[0]?.startsWith('-') && name !== undefined && !image)
    throw new RtError('RT_USAGE', `${word} is a container, and flags stand before its name: ${rest[0]}`, {
      remedy: `Use \`rt explain ${rest.join(' ')} ${word}\`.`,
    })
  if (isRun || name === undefined || (image && name !== word)) return 'image'
  if (image) tell(`rt: ${word} is a container and an image; this explains the container. --type=image explains a run.`)
  return 'container'
}

const isAny = (flags: ParsedFlags, definitions: FlagDefinitions): boolean =>
  Object.keys(definitions).some(
    (name) => flags.text(name) !== undefined || flags.texts(name).length > 0 || flags.given(name) !== undefined,
  )

/** The name of the container that the word means; undefined: none. */
const containerOf = (rt: Runtime, word: string): string | undefined => {
  try {
    return rt.find(word).record.name
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_CONTAINER_UNKNOWN') return undefined
    throw error
  }
}

const imageIsThere = (rt: Runtime, word: string): boolean => {
  try {
    return rt.images.find(word) !== undefined
  } catch (error) {
    // Names of containers need not be names of images.
    if (isRtError(error) && error.code === 'RT_IMAGE_REFERENCE') return false
    throw error
  }
}
