import type { ContainerRecord } from '../store/record.ts'

/** A port of the host that leads into a container. */
export interface PublishedPort {
  readonly container: number
  readonly protocol: string
  /** Of the host; `0.0.0.0`: all of its addresses. */
  readonly address: string
  readonly port: number
}

/** Records of a network driver that publishes ports have them beside its attachment. */
export const publishedPorts = ({ network }: Pick<ContainerRecord, 'network'>): readonly PublishedPort[] =>
  (network as { readonly ports?: readonly PublishedPort[] }).ports ?? []

/** As `rt port` prints them: `80/tcp -> 0.0.0.0:8080`, or with `wanted` (`80`, `80/udp`) only where it leads from. */
export const portLines = (record: Pick<ContainerRecord, 'network'>, wanted?: string): string[] => {
  const [number, protocol = 'tcp'] = (wanted ?? '').split('/')
  return publishedPorts(record)
    .filter((port) => wanted === undefined || (String(port.container) === number && port.protocol === protocol))
    .map((port) => {
      const host = `${port.address.includes(':') ? `[${port.address}]` : port.address}:${port.port}`
      return wanted === undefined ? `${port.container}/${port.protocol} -> ${host}` : host
    })
}
