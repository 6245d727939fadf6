/** A build as the user asked for it, in Docker's words. */
export interface BuildRequest {
  /** A folder, a URL, or `-`: a Dockerfile or an archive from standard input. */
  readonly context: string
  /** `-t`, as given. */
  readonly tags: readonly string[]
  /** `-f`: relative to the working directory, else to the context; `-`: standard input. undefined: the context's own. */
  readonly file?: string
  /** `--build-arg NAME=VALUE`, or `NAME` with the value that it has in the environment. */
  readonly args: readonly string[]
  readonly labels: readonly string[]
  readonly secrets: readonly string[]
  /** `--add-host NAME:ADDRESS`, for RUN. */
  readonly addHosts?: readonly string[]
  /** Of RUN: the host's, or `default`, the builder's own. */
  readonly network?: BuildNetwork
  readonly target?: string
  readonly platform?: string
  readonly noCache: boolean
  /** Ask the registries for base images, whatever is here. */
  readonly pull: boolean
  /** Say nothing of the steps. */
  readonly quiet: boolean
  /** undefined: the first one that is installed. */
  readonly builder?: BuilderName
}

export const BUILD_NETWORKS = ['default', 'host'] as const
export type BuildNetwork = (typeof BUILD_NETWORKS)[number]

export const BUILDERS = ['buildah', 'buildkit'] as const
export type BuilderName = (typeof BUILDERS)[number]

/** What a builder is asked to do: one program after the other, the last of which leaves the image in `output` as an OCI layout. */
export interface BuildSite {
  /** A directory of this build alone, removed after it. */
  readonly scratch: string
  /** Where builders keep what the next build may use again. */
  readonly cache: string
  readonly runCache: string
  readonly output: string
}
