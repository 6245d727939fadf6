import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect } from 'vitest'
import { ImageStore } from '../src/index.ts'

export interface World {
  directory: string
  store: ImageStore
}

/** Where a sync costs nothing: for tests that make many changes, of which none has to outlive a power failure. */
export const inMemory = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

/** A directory and a store of its own for every test of the file. */
export const useStore = (place = tmpdir()): World => {
  const world = {} as World
  beforeEach(() => {
    world.directory = mkdtempSync(join(place, 'rt-images-'))
    world.store = new ImageStore(join(world.directory, 'data'))
  })
  afterEach(() => rmSync(world.directory, { recursive: true, force: true }))
  return world
}

/** A process of its own that runs a module with the sources, as the image store of another rt. */
export const spawnScript = (script: string, ...words: string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, ['--conditions=@rt/source', '--input-type=module', '-e', script, ...words])

/** In pieces of odd sizes, so that headers and contents are cut everywhere. */
export const pieces = (data: Buffer, size = 333): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
    })(),
  )

export const contents = (store: ImageStore): Record<string, string[]> => {
  const { references, configs, layers, blobs, tmp } = store.layout
  const names = (path: string): string[] => (existsSync(path) ? readdirSync(path).sort() : [])
  return {
    references: names(references),
    configs: names(configs),
    layers: names(layers),
    blobs: names(blobs),
    tmp: names(tmp),
  }
}

export const expectEmpty = (store: ImageStore): void =>
  expect(contents(store)).toEqual({ references: [], configs: [], layers: [], blobs: [], tmp: [] })
