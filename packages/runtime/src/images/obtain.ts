import { isRtError, RtError } from '@rt/driver-api'
import {
  BUSYBOX,
  ensureBusybox,
  fitsPlatform,
  type Image,
  type ImageStore,
  isBusybox,
  type RegistryAccess,
} from '@rt/images'
import type { PullPolicy } from '../request.ts'
import type { Tell } from '../tell.ts'

export interface WantedImage {
  readonly reference: string
  readonly pull: PullPolicy
  readonly platform: string | undefined
}

let last: Promise<unknown> = Promise.resolve()

/** Fetches of one process take turns: who waits for a layer that somebody else fetches holds the thread, which here the other one needs. */
export const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const mine = last.then(work)
  // Whoever asked hears of a failure; it is none of the next one's.
  last = mine.catch(() => {})
  return mine
}

/**
 * The image of a container that is to be made: as it is here, or from its registry. Errors: RT_IMAGE_UNKNOWN, which says where it was looked
 * for; RT_IMAGE_PLATFORM, RT_REGISTRY_*, ...
 */
export const obtainImage = (
  images: ImageStore,
  access: RegistryAccess,
  wanted: WantedImage,
  tell: Tell,
): Promise<Image> => inTurn(() => obtain(images, access, wanted, tell))

const obtain = async (
  images: ImageStore,
  access: RegistryAccess,
  { reference, pull, platform }: WantedImage,
  tell: Tell,
): Promise<Image> => {
  const here = images.find(reference)
  const fits = here !== undefined && (platform === undefined || fitsPlatform(here, platform))
  if (fits && pull !== 'always') return here
  if (pull !== 'always' && here === undefined && isBusybox(reference) && platform === undefined) {
    const { image, built } = await ensureBusybox(images)
    if (built) tell(`There is no image "${BUSYBOX}" yet: built it from this machine's own static busybox.`)
    return image
  }
  if (pull === 'never') {
    if (here === undefined) return images.require(reference)
    throw new RtError('RT_IMAGE_PLATFORM', `The image "${reference}" is here, but not for ${platform}.`)
  }
  try {
    const shown = (await tell.progress?.()) ?? {}
    const options = { ...access, ...(platform !== undefined && { platform }), ...shown, onWarning: tell }
    return (await images.pull(reference, options)).image
  } catch (error) {
    throw here === undefined ? nowhere(images, reference, error) : error
  }
}

/** Not here and not there: with a name here that is near, as it may be a slip of the finger. */
const nowhere = (images: ImageStore, reference: string, error: unknown): unknown => {
  if (!isRtError(error) || !ABSENT.test(error.code)) return error
  let near: RtError
  try {
    images.require(reference)
    return error
  } catch (missing) {
    if (!isRtError(missing)) return missing
    near = missing as RtError
  }
  return new RtError('RT_IMAGE_UNKNOWN', `${near.message} ${error.message}`, {
    cause: error,
    remedy:
      error.code === 'RT_IMAGE_UNKNOWN'
        ? near.remedy
        : `${error.remedy} Or bring it in with \`rt import\` or \`rt load\`.`,
  })
}

const ABSENT = /^RT_(?:IMAGE_UNKNOWN|REGISTRY_UNREACHABLE|REGISTRY_DENIED)$/
