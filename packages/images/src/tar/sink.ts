import type { TarEntry } from './entry.ts'

/** Receives what the reader finds, synchronously and in order. */
export interface TarSink {
  entry(entry: TarEntry): void
  /** A piece of the last entry's content that belongs at `position` of the file. The bytes are only valid during the call. */
  data(bytes: Buffer, position: number): void
  /** The last entry is complete. */
  close(): void
}
