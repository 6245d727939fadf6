import { RtError } from '@rt/driver-api'

export const noImage = (message: string, remedy?: string): RtError =>
  new RtError('RT_IMAGE_PATH', message, remedy === undefined ? {} : { remedy })
