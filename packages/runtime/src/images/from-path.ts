import { type Image, type ImageStore, runsHere } from '@rt/images'
import type { RunRequest } from '../request.ts'
import type { Tell } from '../tell.ts'
import { wrongPlatform } from './wrong-platform.ts'

/** `rt run ./x`: see ImageStore.fromPath. */
export const imageFromPath = async (
  images: ImageStore,
  { image: path, platform }: RunRequest,
  tell: Tell,
): Promise<Image> => {
  let warned = false
  const onWarning = (text: string): void => {
    warned = true
    tell(text)
  }
  const image = await images.fromPath(path, { ...(platform !== undefined && { platform }), onWarning })
  if (!warned && !runsHere(image)) tell(wrongPlatform(image, path))
  return image
}
