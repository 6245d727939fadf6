import { canonical } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'

/** The name that works without a registry. */
export const BUSYBOX = 'busybox'

/** Whether `text` means that image, in whichever form: `busybox`, `docker.io/library/busybox:latest`. Errors: RT_IMAGE_REFERENCE. */
export const isBusybox = (text: string): boolean =>
  text === BUSYBOX || canonical(parseReference(text)) === canonical(parseReference(BUSYBOX))
