import { isTerminal } from '@rt/native'
import { write } from './output.ts'
import { humanSize } from './sizes.ts'

/** Milliseconds between two drawings: more often nobody can read. */
const PAUSE = 80
const BAR = 30

interface Progress<State extends string> {
  readonly digest: string
  readonly total: number
  readonly bytes: number
  readonly state: State
}

/** Shows how far each layer is: with a bar that moves on a terminal, elsewhere with a line when that is said of it. */
export class LayerLines<State extends string> {
  readonly #fd: number
  readonly #moving: boolean
  readonly #words: Readonly<Record<State, string>>
  readonly #flowing: State
  readonly #layers = new Map<string, Progress<State>>()
  #drawn = 0
  #last = 0

  /** `words`: of each state. `flowing`: the one in which bytes move. */
  constructor(fd: number, words: Readonly<Record<State, string>>, flowing: State) {
    this.#fd = fd
    this.#moving = isTerminal(fd)
    this.#words = words
    this.#flowing = flowing
  }

  readonly show = (progress: Progress<State>): void => {
    const before = this.#layers.get(progress.digest)
    this.#layers.set(progress.digest, progress)
    const isNew = progress.state !== before?.state
    if (!this.#moving) {
      if (isNew && progress.state !== this.#flowing) write(this.#fd, `${this.#line(progress)}\n`)
      return
    }
    const now = performance.now()
    // What is new about the layer itself is shown at once; there may be no further call for it.
    if (!isNew && progress.bytes < progress.total && now - this.#last < PAUSE) return
    this.#last = now
    this.#draw()
  }

  #draw(): void {
    const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`
    const lines = [...this.#layers.values()].map((layer) => `\x1b[2K${this.#line(layer)}\n`)
    write(this.#fd, up + lines.join(''))
    this.#drawn = lines.length
  }

  #line({ digest, state, bytes, total }: Progress<State>): string {
    const name = `${digest.replace(/^sha256:/, '').slice(0, 12)}: ${this.#words[state]}`
    if (state !== this.#flowing) return name
    const full = total === 0 ? BAR : Math.floor((bytes / total) * BAR)
    const bar = `${'='.repeat(full)}>`.slice(0, BAR).padEnd(BAR)
    return `${name} [${bar}] ${humanSize(bytes)}/${humanSize(total)}`
  }
}
