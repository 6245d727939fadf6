/** How much there is of a file that somebody else is still writing. */
export class Growth {
  #bytes: number
  #given: { readonly reason: unknown } | undefined
  #wake: () => void = () => {}

  /** `bytes`: what is there from the beginning. */
  constructor(bytes = 0) {
    this.#bytes = bytes
  }

  /** Now there are so many bytes of it. */
  reach(bytes: number): void {
    this.#bytes = bytes
    this.#wake()
  }

  /** Nobody is to wait any longer: it will never be complete, or is not wanted any more. */
  giveUp(reason: unknown): void {
    this.#given ??= { reason }
    this.#wake()
  }

  /** Answers how many bytes there are when these are more than `bytes`. @throws what it was given up for */
  async beyond(bytes: number): Promise<number> {
    for (;;) {
      if (this.#given !== undefined) throw this.#given.reason
      if (this.#bytes > bytes) return this.#bytes
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
