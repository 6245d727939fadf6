import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fromFailure, type Order, type Report } from './messages.ts'
import type { Unpacked, UnpackJob } from './unpack-file.ts'

const KIND = extname(import.meta.filename)
/** Beside this module, be it a source, compiled, or part of a bundle. */
const MODULE = join(import.meta.dirname, `unpack-worker${KIND}`)
const FROM_SOURCES = ['--conditions=@rt/source', '--disable-warning=ExperimentalWarning']

/** Whoever made a bundle of this package may have left the module out. */
export const canHaveThreads = (): boolean => existsSync(MODULE)

interface Ended {
  readonly kind: 'ended'
  readonly error: Error
}

/** A thread that unpacks one file after the other. */
export class UnpackThread {
  readonly #worker: Worker
  #take: ((report: Report | Ended) => void) | undefined
  #ended: Ended | undefined

  constructor() {
    // Given in full: without, it would inherit flags of the program that it is a part of.
    const execArgv = KIND === '.ts' ? FROM_SOURCES : []
    // Files are opened by system calls that Node does not see; it would complain of each one that is closed.
    this.#worker = new Worker(MODULE, { execArgv, trackUnmanagedFds: false })
    this.#worker.on('message', (report: Report) => this.#take?.(report))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('a thread that unpacks ended before its work did')))
  }

  /** Only when the one before has ended. Errors: see `unpackFile`. */
  unpack(job: UnpackJob, warn: (text: string) => void): Promise<Unpacked> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended.error)
    this.#order({ kind: 'unpack', job })
    return new Promise((resolve, reject) => {
      this.#take = (report) => {
        if (report.kind === 'warning') return warn(report.text)
        this.#take = undefined
        if (report.kind === 'done') resolve(report.unpacked)
        else reject(report.kind === 'failed' ? fromFailure(report.failure) : report.error)
      }
    })
  }

  reach(bytes: number): void {
    this.#order({ kind: 'reach', bytes })
  }

  giveUp(): void {
    this.#order({ kind: 'give-up' })
  }

  /** To be called while it has nothing to do: whatever it had open would stay open. */
  close(): Promise<unknown> {
    return this.#worker.terminate()
  }

  /** Whatever it was doing, and is asked for from now on, fails. */
  #end(error: Error): void {
    this.#ended ??= { kind: 'ended', error }
    this.#take?.(this.#ended)
  }

  #order(order: Order): void {
    this.#worker.postMessage(order)
  }
}
