import type { ContainerId } from '@rt/driver-api'
import { type LockSight, type ProcessWatch, sightLock, watchProcess } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readInit } from '../store/state.ts'

/**
 * Tells when the life that a container has now ends, also where it is given another one before anybody looks. Its run directory goes with
 * it, which whoever watches that directory sees; only a killed monitor leaves it behind, and then the container's first process dies with
 * the monitor: that is watched here.
 */
export class Life {
  readonly #layout: Layout
  readonly #id: ContainerId
  readonly #notify: () => void
  /** Of this life: another one has another file. */
  readonly #lock: LockSight | undefined
  #watched = ''
  #watch: ProcessWatch | undefined

  constructor(layout: Layout, id: ContainerId, notify: () => void) {
    this.#layout = layout
    this.#id = id
    this.#notify = notify
    this.#lock = sightLock(layout.lock(id))
  }

  /** Whether its monitor lives. From now on `notify` is called when its present first process has ended. */
  goesOn(): boolean {
    const init = readInit(this.#layout, this.#id)
    const name = init ? `${init.pid} ${init.startTime}` : ''
    if (init && name !== this.#watched) {
      this.#watch?.close()
      this.#watched = name
      this.#watch = watchProcess(init.pid, init.startTime, this.#notify)
    }
    return this.#lock?.isHeld() ?? false
  }

  close(): void {
    this.#watch?.close()
    this.#lock?.close()
  }
}
