import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type ContainerId, type HostStep, RtError } from '@rt/driver-api'

/** 10.199.0.0/16 in networks of four addresses. */
const MOST = 16384

export interface Lease {
  readonly number: number
  readonly host: string
  readonly inside: string
  readonly release: HostStep
}

/** One file for each network that somebody has: its name is the number, its content the container. Making it is exclusive, whoever else is at it. */
export class Leases {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  take(container: ContainerId): Lease {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    for (let number = 0; number < MOST; number++) {
      if (!this.#write(number, container)) continue
      const [third, fourth] = [number >> 6, (number & 63) * 4]
      return {
        number,
        host: `10.199.${third}.${fourth + 1}`,
        inside: `10.199.${third}.${fourth + 2}`,
        release: this.#release(number, container),
      }
    }
    throw new RtError('RT_NET_ADDRESSES', 'All networks of {{name}} are taken.', { remedy: 'Remove containers.' })
  }

  /** Those of containers that do not live: a crash may have hidden them from their way back. */
  stale(live: ReadonlySet<ContainerId>): HostStep[] {
    return this.#numbers().flatMap((number) => {
      const container = readFileSync(`${this.#directory}/${number}`, 'utf8')
      return live.has(container) ? [] : [this.#release(number, container)]
    })
  }

  #release(number: number, container: ContainerId): HostStep {
    return {
      where: 'host',
      op: 'file.remove',
      path: `${this.#directory}/${number}`,
      // A way back may be gone twice: by then the number may be somebody else's.
      holding: container,
      why: "The container's addresses are free again.",
    }
  }

  #write(number: number, container: ContainerId): boolean {
    try {
      writeFileSync(`${this.#directory}/${number}`, container, { flag: 'wx', mode: 0o600 })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  #numbers(): number[] {
    try {
      return readdirSync(this.#directory).map(Number)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}
