import type { UnpackLimits } from '../unpack/limits.ts'

/** `docker-archive` is an OCI layout as well, with Docker's `manifest.json` beside it: what reads either reads it. */
export type ArchiveFormat = 'docker-archive' | 'oci-archive'

export interface LoadOptions {
  /** `linux/arm64`, where an image is there for several; this machine's by default. */
  readonly platform?: string
  readonly limits?: UnpackLimits
  /** One image only, and without the archive's names: the one that is called `pick`, or the only one that is there. `path`: of the archive, for its errors. */
  readonly single?: {
    readonly path: string
    readonly pick: string | undefined
    /** In canonical form: it gets these, then. */
    readonly names?: readonly string[]
  }
  /** One sentence about what could not be kept. */
  readonly onWarning?: (text: string) => void
}
