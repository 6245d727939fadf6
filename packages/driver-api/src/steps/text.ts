/** What every step says besides its operation. */
export interface StepText {
  /** One sentence for a learner: why this is done. Shown above the step's shell command by `rt explain`. */
  readonly why: string
  /** Where to read more: a man page section (`ip-link(8)`), a kernel document, a page of docs/. */
  readonly see?: string
  /** Made for all containers (the bridge, its rules): not undone when this container's start fails half-way. */
  readonly shared?: boolean
  /**
   * What the user is told when this step fails with the given errno name (`EINVAL`), or `*` for any other: the
   * driver knows the likely cause and the way out, the kernel only the number.
   */
  readonly failure?: Readonly<Record<string, StepFailure>>
}

export interface StepFailure {
  readonly code: string
  readonly message: string
  readonly remedy: string
}
