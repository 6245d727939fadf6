import type { LayerProgress, PullOptions } from '@rt/images'
import { LayerLines } from './layer-lines.ts'
import { write } from './output.ts'

const STATES: Readonly<Record<LayerProgress['state'], string>> = {
  fetching: 'Pulling',
  unpacking: 'Download complete',
  waiting: 'Waiting for another pull of it',
  exists: 'Already exists',
  done: 'Pull complete',
}

/** Shows each layer of a pull. */
export const pullProgress = (fd: number): Required<Pick<PullOptions, 'onFound' | 'onProgress'>> => ({
  onFound: ({ host, layers }) => write(fd, `Pulling from ${host}: ${layers} ${layers === 1 ? 'layer' : 'layers'}\n`),
  onProgress: new LayerLines<LayerProgress['state']>(fd, STATES, 'fetching').show,
})
