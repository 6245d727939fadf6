/** A further program for a running container, as the user asked for it. */
export interface ExecRequest {
  /** Name, id or prefix of an id. */
  readonly container: string
  readonly command: readonly [string, ...string[]]
  /** `inherit`: the caller's own descriptor; `null`: end of file at once */
  readonly stdin: 'inherit' | 'null'
  readonly tty: boolean
  /** Left to itself as soon as it runs. */
  readonly detach: boolean
  /** `-e`, in order. */
  readonly env: readonly string[]
  /** The entries of all `--env-file`s, in order, by `parseEnvFile`. */
  readonly envFiles: readonly string[]
  /** The container's own where undefined. */
  readonly workdir?: string
  readonly user?: string
  /** All capabilities, and no system call filter. */
  readonly privileged: boolean
  /** `--detach-keys`, `ctrl-p,ctrl-q` where undefined. */
  readonly detachKeys?: string
}
