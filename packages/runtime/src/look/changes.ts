import { type FSWatcher, watch } from 'node:fs'

/**
 * Waits for changes in directories (inotify). What happens between two waits is not lost: the next wait then ends at once. Made before
 * the first look, so that nothing falls between looking and waiting.
 */
export class Changes {
  readonly #watchers: FSWatcher[] = []
  #changed = false
  #wake: (() => void) | undefined

  constructor(directories: readonly string[]) {
    for (const directory of directories) this.#watch(directory)
  }

  #watch(directory: string): void {
    try {
      this.#watchers.push(watch(directory, this.notify).on('error', this.notify))
    } catch (error) {
      // It has gone meanwhile, which whoever looks will see.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  /** As if something had changed. */
  readonly notify = (): void => {
    this.#changed = true
    this.#wake?.()
  }

  async next(): Promise<void> {
    if (!this.#changed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    this.#changed = false
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }
}
