import { setTimeout } from 'node:timers/promises'
import { isConnectionError } from './errors.ts'

/** A refusal that may pass: the registry is busy, or is just being restarted. */
export class Passing extends Error {
  /** What to throw when it does not pass. */
  readonly final: Error
  /** Milliseconds, where the registry says so. */
  readonly after: number | undefined

  constructor(final: Error, retryAfter: string | undefined) {
    super(final.message)
    this.final = final
    this.after = /^[0-9]+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : undefined
  }
}

/** Too many requests, and a server or a proxy before it that is not well. A plain 500 is a fault that would come again. */
export const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

const ATTEMPTS = 5
const FIRST = 200
/** Whoever asks for more patience than that is told to the user. */
const LONGEST = 30_000

/** Counts failures in a row, and waits longer after each. */
export class Patience {
  #failures = 0

  /** Something went well. */
  renew(): void {
    this.#failures = 0
  }

  /** Returns when it is time for the next attempt. @throws `error` where another attempt would be in vain, or was the last */
  async after(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    const passing = error instanceof Passing ? error : undefined
    const final = passing?.final ?? error
    this.#failures++
    if (signal?.aborted || (passing === undefined && !isConnectionError(error))) throw final
    const wait = passing?.after ?? FIRST * 2 ** (this.#failures - 1)
    if (this.#failures === ATTEMPTS || wait > LONGEST) throw final
    // Not all at the same moment: they were refused because they were many.
    await setTimeout(wait * (0.75 + Math.random() / 2), undefined, { ...(signal && { signal }) })
  }
}

/** Does `work`, which may be done twice, again where its failure may pass. */
export const retrying = async <T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  const patience = new Patience()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      await patience.after(error, signal)
    }
  }
}
