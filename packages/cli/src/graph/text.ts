import type { DrawnContainer, DrawnNetwork, Topology } from '@rt/runtime'
import { arrow, cable, WAYS } from './topology.ts'

/** A tree: the host at its root, its networks as branches, the containers as leaves. Ends with a newline. */
export const drawText = ({ uplink, networks }: Topology): string => {
  const root = uplink ? ['host', uplink.name, ...uplink.addresses].join('  ') : 'host  (no default route)'
  return `${[root, ...branches(networks, networkLines)].join('\n')}\n`
}

const branches = <T>(items: readonly T[], lines: (item: T) => readonly string[]): string[] =>
  items.flatMap((item, index) => {
    const isLast = index === items.length - 1
    const [first = '', ...rest] = lines(item)
    return [`${isLast ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`)]
  })

const networkLines = (network: DrawnNetwork): string[] => [
  [network.name, `(${network.driver})`, network.device, ...network.addresses, `· ${WAYS[network.way]}`]
    .filter((word) => word !== undefined)
    .join('  '),
  ...branches([...network.containers.map(containerLines), ...network.strangers.map(strangerLines)], (lines) => lines),
]

const containerLines = (container: DrawnContainer): string[] => {
  const { name, interface: inside, addresses, ports } = container
  const wire = cable(container)
  return [
    [wire && `${wire} ──`, name, inside, ...addresses].filter(Boolean).join('  '),
    ...ports.map((port) => `   ${arrow(port)}`),
  ]
}

const strangerLines = (name: string): string[] => [`${name} ──  (not of rt’s containers)`]
