import { writeFileSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import {
  closeFd,
  type Door,
  monotonic,
  openDoor,
  openProcess,
  pidfdSendSignal,
  waitReadable,
  waitUnlocked,
} from '@rt/native'
import type { Layout } from '../layout.ts'
import type { ContainerRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'

const SIGKILL = 9
/** How long a monitor may take from giving a container another start to saying so: only then its new process can be found. */
const LOOK_AGAIN_MS = 100

/** A live container that is to end: its first process, and the monitor behind it. Close it. */
export class Ending {
  readonly #layout: Layout
  readonly #id: ContainerId
  readonly #door: Door | undefined
  #pidfd: number | undefined

  /** `final`: it is not to be restarted either, now or at the next boot, however it ends. */
  constructor(layout: Layout, { id, autoRemove }: ContainerRecord, { final }: { readonly final: boolean }) {
    this.#layout = layout
    this.#id = id
    // In this order: a monitor that looks for the file before it is there hears of it through the door.
    // One of --rm sees no other boot, and its directory may just be going.
    if (final && !autoRemove) writeFileSync(layout.stopped(id), '', { mode: 0o600 })
    this.#door = final ? openDoor(layout.run(id)) : undefined
    this.#door?.send('S')
    this.#pidfd = this.#open()
  }

  /** Readable as soon as its first process has ended; undefined: it has none now. */
  get pidfd(): number | undefined {
    return this.#pidfd
  }

  #open(): number | undefined {
    const init = readInit(this.#layout, this.#id)
    return init && openProcess(init.pid, init.startTime)
  }

  signal(number: number): void {
    // A process that has ended meanwhile is as good as one that got the signal.
    if (this.#pidfd !== undefined) pidfdSendSignal(this.#pidfd, number)
  }

  /** Waits until its monitor has cleaned up and gone; only after its first process has ended. */
  settle(): void {
    while (this.#door && !this.#monitorGone(this.#door)) this.#killAnother()
    waitUnlocked(this.#layout.lock(this.#id))
  }

  #monitorGone(door: Door): boolean {
    return waitReadable([door.fd], LOOK_AGAIN_MS).size > 0 && door.receive() === undefined
  }

  /** The monitor had begun another start before it heard that there is to be none. */
  #killAnother(): void {
    const another = this.#open()
    if (another === undefined) return
    this.#close()
    this.#pidfd = another
    this.signal(SIGKILL)
  }

  #close(): void {
    if (this.#pidfd !== undefined) closeFd(this.#pidfd)
    this.#pidfd = undefined
  }

  [Symbol.dispose](): void {
    this.#close()
    this.#door?.close()
  }
}

/** One that is waited for: after `patienceMs` it is killed. */
export interface Patience {
  readonly ending: Ending
  readonly patienceMs: number
}

/** Waits for all of them together, kills those whose time is over, and waits until their monitors have cleaned up. */
export const awaitEnds = (all: readonly Patience[]): void => {
  const begin = monotonic()
  const left = new Map(
    all.flatMap(({ ending, patienceMs }) => {
      const { pidfd } = ending
      return pidfd === undefined ? [] : [[pidfd, { ending, deadline: begin + patienceMs }] as const]
    }),
  )
  while (left.size > 0) {
    const nearest = Math.min(...[...left.values()].map(({ deadline }) => deadline))
    for (const pidfd of waitReadable([...left.keys()], nearest - monotonic())) left.delete(pidfd)
    for (const [pidfd, { ending, deadline }] of left) {
      if (deadline > monotonic()) continue
      ending.signal(SIGKILL)
      left.set(pidfd, { ending, deadline: Number.POSITIVE_INFINITY })
    }
  }
  for (const { ending } of all) ending.settle()
}
