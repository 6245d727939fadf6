import type { Image } from '@rt/images'

export const wrongPlatform = ({ config: { os, architecture } }: Image, reference: string): string =>
  `The image ${reference} is made for ${os}/${architecture}: its programs may not run on this machine.`
