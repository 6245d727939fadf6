import { shortId } from '@rt/driver-api'
import type { Runtime } from '@rt/runtime'
import { print, printTable } from './output.ts'
import { humanSize } from './sizes.ts'
import { ago } from './time.ts'
import { nameAndTag, shortImageId } from './view/image-name.ts'
import { psRow } from './view/ps-row.ts'

/** What `system df -v` shows: Docker's tables of every image, container and volume. */
export const printUsageTables = async (rt: Runtime): Promise<void> => {
  const { images, containers, volumes } = await rt.detailedUsage()
  print('Images space usage:\n')
  printTable(
    ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS'],
    images.map(({ reference, id, created, size, shared, containers }) => [
      ...nameAndTag(reference),
      shortImageId(id),
      created === undefined ? '' : `${ago(created)} ago`,
      ...[size, shared, size - shared].map(humanSize),
      String(containers),
    ]),
  )
  print('\nContainers space usage:\n')
  printTable(
    ['CONTAINER ID', 'IMAGE', 'COMMAND', 'LOCAL VOLUMES', 'SIZE', 'CREATED', 'STATUS', 'NAMES'],
    containers.map(({ container, volumes, size }) => {
      const row = psRow(container, true, humanSize(size))
      const cell = (field: string): string => row[field]?.() ?? ''
      const { id } = container.record
      return [
        shortId(id),
        cell('Image'),
        cell('Command'),
        String(volumes),
        ...['Size', 'RunningFor', 'Status', 'Names'].map(cell),
      ]
    }),
  )
  print('\nLocal Volumes space usage:\n')
  printTable(
    ['VOLUME NAME', 'LINKS', 'SIZE'],
    volumes.map(({ name, links, size }) => [name, String(links), humanSize(size)]),
  )
  const { buildCache } = await rt.usage()
  print(`\nBuild cache usage: ${humanSize(buildCache.size)}`)
}
