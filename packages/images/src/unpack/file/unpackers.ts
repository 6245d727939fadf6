import { availableParallelism } from 'node:os'
import { Growth } from './growth.ts'
import { type Unpacked, type UnpackJob, unpackFile } from './unpack-file.ts'
import { canHaveThreads, UnpackThread } from './unpack-thread.ts'

/** Bytes of archives below which a thread takes longer to start than it saves. */
const WORTH_A_THREAD = 8 << 20
/** More are slower: they wait for the same disk. */
const MOST_THREADS = 4

/** One file that is being unpacked while it may still grow. */
export interface Unpacking {
  /** Now there are so many bytes of the file. */
  reach(bytes: number): void
  /** Ends it, with this reason. */
  giveUp(reason: unknown): void
  /** Errors: see `unpackFile`. Whether it comes or throws: nothing of the tree is written any more. */
  readonly end: Promise<Unpacked>
}

/** Unpacks files, as many at once as there are processors where there is enough to do, and in this thread otherwise. */
export class Unpackers {
  readonly #most: number
  readonly #warn: (text: string) => void
  readonly #idle: UnpackThread[] = []
  readonly #waiting: ((thread: UnpackThread) => void)[] = []
  #threads = 0

  /** `sizes`: of the archives that may have to be unpacked, in bytes. */
  constructor(sizes: readonly number[], warn: (text: string) => void = () => {}) {
    const all = sizes.reduce((sum, size) => sum + size, 0)
    this.#most =
      all < WORTH_A_THREAD || !canHaveThreads() ? 0 : Math.min(sizes.length, availableParallelism(), MOST_THREADS)
    this.#warn = warn
  }

  /** `there`: bytes of the file that are there already. */
  unpack(job: UnpackJob, there: number): Unpacking {
    return this.#most === 0 ? this.#unpackHere(job, there) : this.#unpackInThread(job, there)
  }

  /** When all of its work has ended. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.close()))
  }

  #unpackHere(job: UnpackJob, there: number): Unpacking {
    const growth = new Growth(there)
    return {
      reach: (bytes) => growth.reach(bytes),
      giveUp: (reason) => growth.giveUp(reason),
      end: unpackFile(job, growth, this.#warn),
    }
  }

  #unpackInThread(job: UnpackJob, there: number): Unpacking {
    let bytes = there
    let given: { readonly reason: unknown } | undefined
    let thread: UnpackThread | undefined
    const work = async (): Promise<Unpacked> => {
      thread = await this.#thread()
      try {
        const unpacked = thread.unpack(job, this.#warn)
        thread.reach(bytes)
        if (given !== undefined) thread.giveUp()
        return await unpacked
      } catch (error) {
        throw given === undefined ? error : given.reason
      } finally {
        this.#free(thread)
        thread = undefined
      }
    }
    return {
      reach: (now) => {
        bytes = now
        thread?.reach(now)
      },
      giveUp: (reason) => {
        given ??= { reason }
        thread?.giveUp()
      },
      end: work(),
    }
  }

  #thread(): Promise<UnpackThread> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return Promise.resolve(idle)
    if (this.#threads < this.#most) {
      this.#threads++
      return Promise.resolve(new UnpackThread())
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #free(thread: UnpackThread): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(thread)
    else next(thread)
  }
}
