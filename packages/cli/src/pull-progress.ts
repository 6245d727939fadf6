import type { LayerProgress, PullOptions } from '@rt/images'
import { isTerminal } from '@rt/native'
import { write } from './output.ts'
import { humanSize } from './sizes.ts'

/** Milliseconds between two drawings: more often nobody can read. */
const PAUSE = 80
const BAR = 30

const STATES: Readonly<Record<LayerProgress['state'], string>> = {
  fetching: 'Pulling',
  waiting: 'Waiting for another pull of it',
  exists: 'Already exists',
  done: 'Pull complete',
}

/** Shows each layer of a pull: with a bar that moves on a terminal, elsewhere with a line when it is there. */
export class PullProgress implements Pick<PullOptions, 'onFound' | 'onProgress'> {
  readonly #fd: number
  readonly #moving: boolean
  readonly #layers = new Map<string, LayerProgress>()
  #drawn = 0
  #last = 0

  constructor(fd: number) {
    this.#fd = fd
    this.#moving = isTerminal(fd)
  }

  readonly onFound = ({ host, layers }: { readonly host: string; readonly layers: number }): void =>
    write(this.#fd, `Pulling from ${host}: ${layers} ${layers === 1 ? 'layer' : 'layers'}\n`)

  readonly onProgress = (progress: LayerProgress): void => {
    const before = this.#layers.get(progress.digest)
    this.#layers.set(progress.digest, progress)
    if (!this.#moving) {
      if (progress.state !== 'fetching' && progress.state !== before?.state)
        write(this.#fd, `${this.#line(progress)}\n`)
      return
    }
    const now = performance.now()
    // What is new about the layer itself is shown at once; there may be no further call for it.
    if (progress.state === before?.state && progress.bytes < progress.total && now - this.#last < PAUSE) return
    this.#last = now
    this.#draw()
  }

  #draw(): void {
    const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`
    const lines = [...this.#layers.values()].map((layer) => `\x1b[2K${this.#line(layer)}\n`)
    write(this.#fd, up + lines.join(''))
    this.#drawn = lines.length
  }

  #line({ digest, state, bytes, total }: LayerProgress): string {
    const name = `${digest.replace(/^sha256:/, '').slice(0, 12)}: ${STATES[state]}`
    if (state !== 'fetching') return name
    const full = total === 0 ? BAR : Math.floor((bytes / total) * BAR)
    const bar = `${'='.repeat(full)}>`.slice(0, BAR).padEnd(BAR)
    return `${name} [${bar}] ${humanSize(bytes)}/${humanSize(total)}`
  }
}
