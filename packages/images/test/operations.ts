import { createReadStream } from 'node:fs'
import type { ImageStore } from '../src/index.ts'
import { archive, member } from './archive.ts'

const free = (): undefined => undefined

/** What may be killed: each is given the store and what it is about, and can be done again. */
export const OPERATIONS = {
  pull: (store: ImageStore, name: string): Promise<unknown> => store.pull(name),
  load: (store: ImageStore, file: string): Promise<unknown> => store.load(createReadStream(file)),
  commit: (store: ImageStore): Promise<unknown> =>
    store.commit({
      parent: store.require('base:1'),
      reference: 'made:1',
      config: { Cmd: ['/new'] },
      changes: [],
      author: undefined,
      comment: undefined,
      createdBy: 'a test',
      write: async (push) => {
        const data = archive(member({ name: 'new', content: Buffer.alloc(50_000, 'new') }))
        for (let at = 0; at < data.length; at += 20_000) push(data.subarray(at, at + 20_000))
      },
    }),
  rmi: async (store: ImageStore): Promise<unknown> =>
    store.find('base:1') === undefined ? undefined : store.remove('base:1', free),
  prune: (store: ImageStore): Promise<unknown> => store.prune(() => false, { all: true }),
} as const

export type Operation = keyof typeof OPERATIONS
