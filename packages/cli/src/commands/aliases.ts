import type { RtCommand } from '../command.ts'

type Loaders = Readonly<Record<string, () => Promise<RtCommand>>>

/** Docker's `docker container <command>`: what has another name there, and what has the same. */
const CONTAINER: Readonly<Record<string, string>> = { ls: 'ps', list: 'ps', ps: 'ps', remove: 'rm' }
const SAME =
  'run create start stop restart kill wait pause unpause rename update attach exec rm inspect logs stats top port cp diff export commit prune'
const IMAGE: Readonly<Record<string, string>> = {
  ls: 'images',
  list: 'images',
  rm: 'rmi',
  remove: 'rmi',
  import: 'import',
  build: 'build',
  pull: 'pull',
  push: 'push',
  tag: 'tag',
  history: 'history',
  save: 'save',
  load: 'load',
}

const topic = (loaders: Loaders, name: string, words: Readonly<Record<string, string>>): Loaders =>
  Object.fromEntries(
    Object.entries(words).flatMap(([word, command]) => {
      const load = loaders[command]
      return load ? [[`${name} ${word}`, load]] : []
    }),
  )

/** The long forms that Docker's users type: `rt container ls`, `rt image rm`. */
export const longForms = (loaders: Loaders): Loaders => ({
  ...topic(loaders, 'container', { ...CONTAINER, ...Object.fromEntries(SAME.split(' ').map((word) => [word, word])) }),
  ...topic(loaders, 'image', IMAGE),
  ...topic(loaders, 'drivers', { list: 'drivers ls', rm: 'drivers remove' }),
  ...topic(loaders, 'network', { list: 'network ls', remove: 'network rm' }),
  ...topic(loaders, 'volume', { list: 'volume ls', remove: 'volume rm' }),
})
