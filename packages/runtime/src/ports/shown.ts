import type { PublishedPort } from '@rt/driver-api'
import type { Container } from '../store/containers.ts'
import { isLive } from '../store/state.ts'

/** Ports of the host that lead into a container; none where it does not live, because it has given them back. */
export const publishedPorts = ({ record, state }: Container): readonly PublishedPort[] =>
  isLive(state) ? (record.ports ?? []) : []

const key = ({ containerPort, protocol }: PublishedPort): string => `${containerPort}/${protocol}`

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** As `rt port` prints them: `80/tcp -> 0.0.0.0:8080`, or with `wanted` (`80`, `80/udp`) only where it leads from. */
export const portLines = (container: Container, wanted?: string): string[] => {
  const [number, protocol = 'tcp'] = (wanted ?? '').split('/')
  return publishedPorts(container)
    .filter((port) => wanted === undefined || key(port) === `${number}/${protocol}`)
    .map((port) => {
      const host = `${bracketed(port.hostAddress)}:${port.hostPort}`
      return wanted === undefined ? `${key(port)} -> ${host}` : host
    })
}

/** Docker's shape, `{ '80/tcp': [{ HostIp, HostPort }] }`; null for what is only exposed. */
export const portMap = (container: Container): Record<string, { HostIp: string; HostPort: string }[] | null> => {
  const map: Record<string, { HostIp: string; HostPort: string }[] | null> = {}
  if (!isLive(container.state)) return map
  for (const port of container.record.exposed ?? []) map[port] = null
  for (const port of publishedPorts(container))
    map[key(port)] = [...(map[key(port)] ?? []), { HostIp: port.hostAddress, HostPort: String(port.hostPort) }]
  return map
}

/** Only those that are published, neighbours together: `0.0.0.0:8000-8002->80-82/tcp`. */
export const portsOf = (container: Container): string[] => runsOf(publishedPorts(container)).map(summaryOf)

/** As in the table of `rt ps`: `0.0.0.0:8000-8002->80-82/tcp, 443/tcp`. */
export const portSummary = (container: Container): string => {
  const ports = publishedPorts(container)
  if (!isLive(container.state)) return ''
  const published = new Set(ports.map(key))
  const exposed = (container.record.exposed ?? []).filter((port) => !published.has(port))
  return [...runsOf(ports).map(summaryOf), ...exposed].join(', ')
}

interface Run {
  readonly from: PublishedPort
  readonly length: number
}

/** Neighbours on both sides become one. */
const runsOf = (ports: readonly PublishedPort[]): Run[] => {
  const order = (a: PublishedPort, b: PublishedPort): number =>
    a.hostAddress === b.hostAddress && a.protocol === b.protocol
      ? a.hostPort - b.hostPort
      : `${a.protocol} ${a.hostAddress}` < `${b.protocol} ${b.hostAddress}`
        ? -1
        : 1
  const runs: Run[] = []
  for (const port of [...ports].sort(order)) {
    const last = runs.at(-1)
    if (last && follows(last, port)) runs[runs.length - 1] = { ...last, length: last.length + 1 }
    else runs.push({ from: port, length: 1 })
  }
  return runs
}

const follows = ({ from, length }: Run, port: PublishedPort): boolean =>
  port.protocol === from.protocol &&
  port.hostAddress === from.hostAddress &&
  port.hostPort === from.hostPort + length &&
  port.containerPort === from.containerPort + length

const summaryOf = ({ from, length }: Run): string => {
  const range = (first: number): string => (length === 1 ? `${first}` : `${first}-${first + length - 1}`)
  const { hostAddress, hostPort, containerPort, protocol } = from
  return `${bracketed(hostAddress)}:${range(hostPort)}->${range(containerPort)}/${protocol}`
}
