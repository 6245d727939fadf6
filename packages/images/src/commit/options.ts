import type { ExecutionConfig } from '../config/image-config.ts'
import type { Image } from '../store/image.ts'

export interface ImageCommit {
  /** What the new layer lies upon. */
  readonly parent: Image
  /** undefined: the new image gets no name. */
  readonly reference: string | undefined
  /** What a container of the new image runs with, before `changes`. */
  readonly config: ExecutionConfig
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly author: string | undefined
  readonly comment: string | undefined
  /** The command that made the layer, for the history. */
  readonly createdBy: string
  /** Gives the layer's uncompressed archive to `push`, in order. */
  readonly write: (push: (piece: Buffer) => void) => Promise<void>
  /** One sentence about something that could not be kept. */
  readonly onWarning?: (text: string) => void
}
