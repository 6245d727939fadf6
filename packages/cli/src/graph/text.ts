import { type DrawnContainer, type DrawnNetwork, type Topology, WAYS } from './topology.ts'

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
  ...branches(network.containers, containerLines),
]

const containerLines = ({ name, hostEnd, interface: inside, addresses, ports }: DrawnContainer): string[] => [
  [hostEnd && `${hostEnd} ──`, name, inside, ...addresses].filter(Boolean).join('  '),
  ...ports.map((port) => `   ${port.replace('->', ' → ')}`),
]
