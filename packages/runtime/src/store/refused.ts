import { isRtError, RtError } from '@rt/driver-api'
import { isFolderId } from '@rt/images'
import type { ContainerRecord } from './record.ts'

/** As Docker's exit status has it: 1 for a refused command on what is there, where a refused `run` is 125. */
export const refused = async <T>(act: () => T | Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (!isRtError(error) || error.exitCode !== 125) throw error
    const { code, message, remedy, cause } = error
    throw new RtError(code, message, { remedy, cause, exitCode: 1 })
  }
}

/** The image that a container lies upon is not there any more. */
export const imageGone = ({ name, image }: ContainerRecord): RtError =>
  isFolderId(image.id)
    ? new RtError('RT_IMAGE_PATH', `The folder ${image.id} that the container ${name} lies upon is gone`, {
        remedy: 'Put it back, or make a new container.',
        exitCode: 1,
      })
    : new RtError('RT_IMAGE_UNKNOWN', `The image ${image.name} of the container ${name} is gone`, {
        remedy: 'Import it again and make a new container: this one lies on top of exactly that image.',
        exitCode: 1,
      })
