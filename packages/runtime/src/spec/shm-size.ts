import { type OciMount, RtError } from '@rt/driver-api'

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * `--shm-size`: bytes, with Docker's units of 1024 (`64m`, `1.5g`, `2GB`).
 * @throws RtError RT_USAGE
 */
export function parseShmSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(text) ?? []
  const bytes = Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN))
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
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
