import type { UnpackLimits } from '../unpack/limits.ts'
import type { RegistryAccess } from './settings.ts'

export interface LayerProgress {
  /** Of the layer's archive. */
  readonly digest: string
  /** Bytes of the archive. */
  readonly total: number
  readonly bytes: number
  /** `waiting`: another process fetches it. `unpacking`: all bytes are there. `exists`, `done` come once and last. */
  readonly state: 'fetching' | 'unpacking' | 'waiting' | 'exists' | 'done'
}

export interface PullOptions extends RegistryAccess {
  /** `linux/arm64`; this machine's by default. */
  readonly platform?: string
  readonly limits?: UnpackLimits
  readonly signal?: AbortSignal
  /** The name has been found, and how many layers it has. */
  readonly onFound?: (found: { readonly host: string; readonly layers: number }) => void
  readonly onProgress?: (progress: LayerProgress) => void
  /** One sentence about what could not be kept, or may not work. */
  readonly onWarning?: (text: string) => void
}

export interface PushProgress {
  /** Of the layer's archive. */
  readonly digest: string
  readonly total: number
  readonly bytes: number
  /** `compressing`: it was made here; its archive has another digest then. `exists`, `mounted`, `done` come once and last. */
  readonly state: 'compressing' | 'sending' | 'exists' | 'mounted' | 'done'
}

export interface PushOptions extends RegistryAccess {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PushProgress) => void
}
