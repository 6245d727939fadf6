import type { UnpackLimits } from '../unpack/limits.ts'

export interface ImportOptions {
  /** Dockerfile instructions that are applied to the new image's config: `CMD ["sh"]`, `ENV A=1`. */
  readonly changes?: readonly string[]
  /** What the image is, for its history; `imported by rt` by default. */
  readonly message?: string | undefined
  readonly limits?: UnpackLimits
  /** Called now and then, at least every 8 MiB, and once at the end. */
  readonly onProgress?: (progress: ImportProgress) => void
  /** One sentence about something that could not be kept, such as an attribute that the file system does not take. */
  readonly onWarning?: (text: string) => void
  /** Stops the import; nothing is left behind. */
  readonly signal?: AbortSignal
}

export interface ImportProgress {
  /** Of the uncompressed archive. */
  readonly bytes: number
  readonly entries: number
}
