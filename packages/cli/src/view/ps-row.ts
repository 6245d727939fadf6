import { shortId } from '@rt/driver-api'
import { type Container, portSummary } from '@rt/runtime'
import { labelText } from '../flags/listing.ts'
import type { Column, Row } from '../format.ts'
import { ago, goTime } from '../time.ts'
import { statusText } from './status.ts'

export const PS_COLUMNS: readonly Column[] = [
  { field: 'ID', header: 'CONTAINER ID' },
  { field: 'Image', header: 'IMAGE' },
  { field: 'Command', header: 'COMMAND' },
  { field: 'RunningFor', header: 'CREATED' },
  { field: 'Status', header: 'STATUS' },
  { field: 'Ports', header: 'PORTS' },
  { field: 'Names', header: 'NAMES' },
  { field: 'CreatedAt', header: 'CREATED AT' },
  { field: 'State', header: 'STATE' },
  { field: 'Labels', header: 'LABELS' },
  { field: 'Mounts', header: 'MOUNTS' },
  { field: 'LocalVolumes', header: 'LOCAL VOLUMES' },
  { field: 'Networks', header: 'NETWORKS' },
  { field: 'Size', header: 'SIZE' },
]

/** What Docker's table shows by default. */
export const PS_TABLE = 'table ID,Image,Command,RunningFor,Status,Ports,Names'

/** A container's fields under Docker's names. `size` is asked only where the field is shown. */
export const psRow = (container: Container, truncate: boolean, size: string): Row => {
  const { record, state } = container
  const labels = record.request.labels ?? {}
  return {
    ID: () => (truncate ? shortId(record.id) : record.id),
    Image: () => record.image.name,
    Command: () => commandLine(record.spec.process.args, truncate),
    RunningFor: () => `${ago(record.created)} ago`,
    Status: () => statusText(state),
    Ports: () => portSummary(container),
    Names: () => record.name,
    CreatedAt: () => goTime(record.created),
    State: () => state.status,
    Labels: () => labelText(labels),
    Label: (name = '') => labels[name] ?? '',
    LocalVolumes: () => String((record.mountPoints ?? []).filter(({ type }) => type === 'volume').length),
    Mounts: () =>
      (record.mountPoints ?? [])
        .filter(({ type }) => type !== 'tmpfs')
        .map(({ name, source }) => name ?? source)
        .join(','),
    Networks: () => record.networks.map(({ name }) => name).join(','),
    Size: () => size,
  }
}

/** As long as Docker shows it. */
const commandLine = (args: readonly string[], truncate: boolean): string => {
  const line = args.join(' ')
  return `"${truncate && line.length > 20 ? `${line.slice(0, 19)}…` : line}"`
}
