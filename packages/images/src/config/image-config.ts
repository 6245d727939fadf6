/** The image configuration of the OCI image specification 1.1 (config.md); names are the specification's. */
export interface ImageConfig {
  /** RFC 3339 */
  readonly created?: string
  readonly author?: string
  /** Go's names: `amd64`, `arm64`. */
  readonly architecture: string
  readonly os: string
  readonly config?: ExecutionConfig
  /** diffIDs, `sha256:…`, bottommost layer first. */
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history?: readonly ImageHistory[]
}

/** What a container of the image runs with, unless told otherwise. */
export interface ExecutionConfig {
  /** `user[:group]`, each a name or a number; empty means root. */
  readonly User?: string
  /** Keys such as `80/tcp`. */
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  /** `NAME=value` */
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  /** Docker's own, as the next one. rt keeps it for whoever is given the image. */
  readonly Healthcheck?: Healthcheck
  /** Instructions for builds upon the image. */
  readonly OnBuild?: readonly string[]
}

/** Times are nanoseconds. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', TEXT]`. */
  readonly Test: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

export interface ImageHistory {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** Node's name of this machine's architecture in Go's words, which images use. */
export const goArchitecture = (arch: string = process.arch): string =>
  ({ x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle', loong64: 'loong64' })[arch] ?? arch
