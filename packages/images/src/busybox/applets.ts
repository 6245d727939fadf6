import { RtError } from '@rt/driver-api'
import { capture } from '@rt/native'

/** Paths without a leading slash, `usr/bin/env`, where this busybox would install its applets. Errors: RT_TOOL_MISSING. */
export const appletPaths = (busybox: string): string[] => listed(busybox).filter(isApplet)

const listed = (busybox: string): string[] => {
  try {
    return capture(busybox, '--list-full').split('\n')
  } catch (error) {
    throw new RtError('RT_TOOL_MISSING', `${busybox} does not list its applets: ${(error as Error).message}`, {
      cause: error,
      remedy: 'Install the package busybox-static again.',
    })
  }
}

export const PROGRAM = 'bin/busybox'

/** `linuxrc` and its like belong to an initramfs. */
const isApplet = (path: string): boolean => /^(?:usr\/)?s?bin\/[^/]+$/.test(path) && path !== PROGRAM
