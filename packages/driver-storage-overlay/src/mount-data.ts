/**
 * mount(2) copies one page of option text, and the page is 4 KiB on the architectures with the smallest one; the last byte is
 * the terminating null.
 */
export const MOUNT_DATA_LIMIT = 4095

export interface OverlayDirectories {
  /** Topmost first, as overlayfs wants them. */
  readonly lower: readonly string[]
  readonly upper: string
  readonly work: string
  /** Nothing is written to disk before its time, neither for fsync(2) nor at the unmount, and the upper directory cannot be mounted again. */
  readonly isVolatile?: boolean
}

/**
 * - `index=off`: with it a lower directory that another overlay uses as its upper one is EBUSY, and hard links of the upper one
 *   carry file handles that mean nothing elsewhere.
 * - `metacopy=off`, `redirect_dir=off`: both leave files and directories in the upper one that only make sense above this very
 *   stack, so that it could not become an image layer, and following them in a layer from elsewhere is a hole
 *   (Documentation/filesystems/overlayfs.rst, "Do not use metacopy=on with untrusted upper/lower directories").
 */
const SETTINGS = 'index=off,metacopy=off,redirect_dir=off'

/** The option text of one overlay mount. */
export const mountData = ({ lower, upper, work, isVolatile = false }: OverlayDirectories): string =>
  `lowerdir=${lower.map(escaped).join(':')},upperdir=${escaped(upper)},workdir=${escaped(work)},${SETTINGS}${isVolatile ? ',volatile' : ''}`

/** Colons separate lower directories and commas options; overlayfs takes a backslash before either, and before itself. */
export const escaped = (path: string): string => path.replaceAll(/[\\:,]/g, (character) => `\\${character}`)
