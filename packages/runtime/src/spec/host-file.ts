/** A file of the host, written for containers, and where they see it. Absolute paths. */
export interface HostFile {
  readonly source: string
  readonly destination: string
  readonly readonly?: boolean
}
