import { RtError } from '@rt/driver-api'
import { goArchitecture } from './config/image-config.ts'
import type { Image } from './store/image.ts'
import type { Platform } from './store/manifest.ts'

export const thisPlatform = (): Platform => ({ os: 'linux', architecture: goArchitecture() })

/** `linux/arm64/v8`. Errors: RT_USAGE. */
export const parsePlatform = (text: string): Platform => {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text)
  if (match === null)
    throw new RtError('RT_USAGE', `"${text}" is no platform.`, {
      remedy: 'Write it as OS/ARCHITECTURE[/VARIANT], e.g. linux/arm64.',
    })
  const [, os = '', architecture = '', variant] = match
  return { os, architecture: ALIASES[architecture] ?? architecture, ...(variant !== undefined && { variant }) }
}

/** The kernel's names, which people type. */
const ALIASES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i386: '386' }

export const platformText = ({ os, architecture, variant }: Platform): string =>
  `${os}/${architecture}${variant === undefined || variant === '' ? '' : `/${variant}`}`

/** Whether an image for `platform` is what was asked for. */
export const fits = (platform: Platform, wanted: Platform): boolean =>
  platform.os === wanted.os &&
  platform.architecture === wanted.architecture &&
  (wanted.variant === undefined || (platform.variant || defaultVariant(platform)) === wanted.variant)

const defaultVariant = ({ architecture }: Platform): string => ({ arm64: 'v8', arm: 'v7' })[architecture] ?? ''

/** Whether an image of the store is what `--platform` asks for. Errors: RT_USAGE. */
export const fitsPlatform = ({ config }: Image, text: string): boolean => fits(config, parsePlatform(text))

/** Whether this machine can run it without an emulator, as far as its config says. */
export const runsHere = ({ config: { os, architecture } }: Image): boolean => {
  const own = goArchitecture()
  return os === 'linux' && (architecture === own || OLDER[own] === architecture)
}

/** What a 64-bit processor runs as well. */
const OLDER: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }
