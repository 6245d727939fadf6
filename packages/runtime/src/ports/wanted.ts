import { RtError } from '@rt/driver-api'
import { ipVersion } from '../ip-version.ts'

/** A port to be published, before a free one of the host is found for it. */
export interface WantedPort {
  readonly protocol: 'tcp' | 'udp'
  /** Of the host; undefined: where the network publishes what has no address. */
  readonly address?: string
  /** Any of these; undefined: any free one. */
  readonly host?: PortRange
  readonly container: number
}

interface PortRange {
  readonly first: number
  readonly last: number
}

export interface PortFlags {
  readonly publish?: readonly string[]
  readonly publishAll?: boolean
  readonly expose?: readonly string[]
}

/**
 * All ports that `-p` and `-P` mean.
 *
 * @param exposed of the image, `80/tcp`
 * @throws RtError RT_PORT_INVALID
 */
export const wantedPorts = (flags: PortFlags, exposed: readonly string[]): WantedPort[] => {
  const published = (flags.publish ?? []).flatMap(parsePublish)
  const all = exposedPorts(flags.expose ?? [], exposed)
  if (!flags.publishAll) return published
  const taken = new Set(published.map(({ container, protocol }) => `${container}/${protocol}`))
  const rest = all
    .filter((port) => !taken.has(port))
    .map((port): WantedPort => {
      const [container, protocol] = port.split('/')
      return { container: Number(container), protocol: protocol as WantedPort['protocol'] }
    })
  return [...published, ...rest]
}

/** `80/tcp` of `--expose` and of the image, each once, in order. @throws RtError RT_PORT_INVALID */
export const exposedPorts = (expose: readonly string[], exposed: readonly string[]): string[] => {
  const all = [...expose, ...exposed].flatMap((text) => {
    const fault = faultOf('--expose', text)
    const { body, protocol } = splitProtocol(text, fault)
    return ports(readRange(body, fault)).map((port) => `${port}/${protocol}`)
  })
  return [...new Set(all)].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
}

/** `[ADDRESS:][PORT:]PORT[/PROTOCOL]`, each port a range where it has a `-`. */
export const parsePublish = (text: string): WantedPort[] => {
  const fault = faultOf('-p', text)
  const { body, protocol } = splitProtocol(text, fault)
  const { address, rest } = splitAddress(body, fault)
  const [hostText, containerText] = rest.length === 1 ? ['', rest[0] ?? ''] : [rest[0] ?? '', rest[1] ?? '']
  const container = readRange(containerText, fault)
  // 0 is any free one, as for bind(2).
  const host = /^0*$/.test(hostText) ? undefined : readRange(hostText, fault)
  const count = size(container)
  if (host && size(host) !== count && count > 1)
    throw fault(`${inWords(size(host))} of the host cannot lead to ${count} of the container`)
  return ports(container).map((port, index) => ({
    protocol,
    ...(address !== undefined && { address }),
    ...(host && { host: count === 1 ? host : { first: host.first + index, last: host.first + index } }),
    container: port,
  }))
}

type Fault = (reason: string, remedy?: string) => RtError

const faultOf =
  (flag: string, text: string): Fault =>
  (reason, remedy) =>
    new RtError('RT_PORT_INVALID', `${flag} "${text}": ${reason}`, remedy === undefined ? {} : { remedy })

const splitProtocol = (text: string, fault: Fault): { body: string; protocol: 'tcp' | 'udp' } => {
  const at = text.lastIndexOf('/')
  if (at < 0) return { body: text, protocol: 'tcp' }
  const protocol = text.slice(at + 1).toLowerCase()
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw fault(`there is no protocol "${text.slice(at + 1)}"`, 'Use tcp or udp.')
  return { body: text.slice(0, at), protocol }
}

const splitAddress = (body: string, fault: Fault): { address?: string; rest: string[] } => {
  const [, bracketed, behind] = /^\[([^\]]*)\]:(.*)$/.exec(body) ?? []
  if (bracketed !== undefined && behind !== undefined) {
    if (ipVersion(bracketed) !== 6) throw fault(`"${bracketed}" is not an IPv6 address`)
    const rest = behind.split(':')
    if (rest.length > 2) throw fault('too many parts')
    return { address: bracketed, rest }
  }
  const parts = body.split(':')
  if (parts.length <= 2) return { rest: parts }
  if (parts.length > 3) throw fault('too many parts', 'Write an IPv6 address in brackets: -p [::1]:8080:80')
  const [address = '', ...rest] = parts
  if (ipVersion(address) !== 4) throw fault(`"${address}" is not an IPv4 address`)
  return { address, rest }
}

const readRange = (text: string, fault: Fault): PortRange => {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (first === undefined) throw fault(text === '' ? 'a port is missing' : `"${text}" is not a port`)
  for (const port of [first, last])
    if (Number(port) < 1 || Number(port) > 65535) throw fault(`there is no port ${port}: they go from 1 to 65535`)
  if (Number(last) < Number(first)) throw fault(`the range ${text} ends before it begins`)
  return { first: Number(first), last: Number(last) }
}

const size = ({ first, last }: PortRange): number => last - first + 1

const inWords = (count: number): string => (count === 1 ? 'one port' : `${count} ports`)

const ports = (range: PortRange): number[] => Array.from({ length: size(range) }, (_, index) => range.first + index)
