import { type DrawnNetwork, type Topology, WAYS } from './topology.ts'

/** For documents that draw Mermaid: https://mermaid.js.org/syntax/flowchart.html. Ends with a newline. */
export const drawMermaid = ({ uplink, networks }: Topology): string => {
  const host = uplink ? label('host', uplink.name, ...uplink.addresses) : label('host', 'no default route')
  return `${['flowchart LR', `  wire((outside)) --- host[${host}]`, ...networks.flatMap(networkLines)].join('\n')}\n`
}

const networkLines = (network: DrawnNetwork, index: number): string[] => {
  const { name, driver, device, addresses, way, containers } = network
  const id = `n${index}`
  const link = way === 'none' ? '-.-x' : '---'
  return [
    `  host ${link}|${quoted(WAYS[way])}| ${id}[${label(name, driver, ...(device ? [device] : []), ...addresses)}]`,
    ...containers.flatMap((container, at) => {
      const to = `${id}c${at}`
      const inside = [container.interface, ...container.addresses].filter((word) => word !== undefined)
      return [
        `  ${id} ---${container.hostEnd ? `|${quoted(container.hostEnd)}| ` : ' '}${to}(${label(container.name, ...inside)})`,
        ...container.ports.map((port) => `  wire -.->|${quoted(port.replace('->', ' → '))}| ${to}`),
      ]
    }),
  ]
}

/** Quotes end a label, and so they are written as entities. */
const quoted = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`

const label = (...lines: readonly string[]): string => quoted(lines.join('<br>'))
