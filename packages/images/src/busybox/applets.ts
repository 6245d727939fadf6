import { RtError } from '@rt/driver-api'

/** Paths without a leading slash, `usr/bin/env`, where this busybox would install its applets. Errors: RT_TOOL_MISSING. */
export const appletPaths = (busybox: string): string[] => {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout, error, signal } = spawnSync(busybox, ['--list-full'], {
    encoding: 'utf8',
    env: {},
    timeout: 10_000,
  })
  if (error !== undefined || status !== 0) {
    throw new RtError(
      'RT_TOOL_MISSING',
      `${busybox} --list-full failed: ${error?.message ?? signal ?? `exit status ${status}`}.`,
      {
        cause: error,
        remedy: 'Install the package busybox-static again.',
      },
    )
  }
  // `linuxrc` and its like belong to an initramfs.
  return stdout.split('\n').filter((path) => /^(?:usr\/)?s?bin\/[^/]+$/.test(path) && path !== PROGRAM)
}

export const PROGRAM = 'bin/busybox'
