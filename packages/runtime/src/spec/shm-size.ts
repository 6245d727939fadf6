import { type OciMount, RtError } from '@rt/driver-api'
import { parseBytes } from './size.ts'

/** `--shm-size`. @throws RtError RT_USAGE */
export function parseShmSize(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw new RtError('RT_USAGE', `--shm-size "${text}" is not a size above 0`, {
      remedy: 'Write a number of bytes, or with a unit: 64m, 1g.',
    })
  }
  return bytes
}

/** The mounts with another size of /dev/shm. One that the user mounted there keeps the user's. */
export const resizeShm = (mounts: readonly OciMount[], bytes: number): readonly OciMount[] =>
  mounts.map((mount) =>
    mount.destination === '/dev/shm' && mount.source === 'shm'
      ? { ...mount, options: mount.options.map((word) => (word.startsWith('size=') ? `size=${bytes}` : word)) }
      : mount,
  )
