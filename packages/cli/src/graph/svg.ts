import { type DrawnContainer, type DrawnNetwork, type Topology, WAYS } from './topology.ts'

/** Pixels. A box is as high as its lines; columns stand at fixed places: outside, host, networks, containers. */
const LINE = 18
const PAD = 10
const GAP = 18
const COLUMNS = { wire: 20, host: 130, network: 400, container: 740 } as const
const WIDTHS = { wire: 70, host: 190, network: 230, container: 280 } as const
const WIDTH = COLUMNS.container + WIDTHS.container + 20

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const heightOf = (lines: number): number => lines * LINE + 2 * PAD

/** One self-contained picture: no script, no font and no style from elsewhere; colours for light and dark. */
export const drawSvg = ({ uplink, networks }: Topology): string => {
  const parts: string[] = []
  let y = GAP
  const boxes = networks.map((network) => {
    const top = y
    const containers = network.containers.map((container) => {
      const box = at('container', y, containerLines(container).length)
      y += box.height + GAP
      return box
    })
    const own = heightOf(networkLines(network).length)
    y = Math.max(y, top + own + GAP)
    const middle = top + (y - GAP - top - own) / 2
    return { network, box: { ...at('network', middle, 0), height: own }, containers }
  })
  const hostLines = uplink ? ['host', uplink.name, ...uplink.addresses] : ['host', 'no default route']
  const height = Math.max(y, heightOf(hostLines.length) + 2 * GAP)
  const host = { ...at('host', (height - heightOf(hostLines.length)) / 2, hostLines.length) }
  const wire = at('wire', (height - heightOf(1)) / 2, 1)
  parts.push(line(wire, host), drawBox(wire, ['outside'], 'wire'), drawBox(host, hostLines, 'host'))
  for (const { network, box, containers } of boxes) {
    parts.push(line(host, box, network.way === 'none' ? 'cut' : ''), drawBox(box, networkLines(network), 'network'))
    network.containers.forEach((container, index) => {
      const inside = containers[index]
      if (!inside) return
      parts.push(line(box, inside, '', container.hostEnd), drawBox(inside, containerLines(container), 'container'))
    })
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="networks of this host">
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`
}

const STYLE = `text{font:13px ui-monospace,monospace;fill:#1a1a1a}.b{fill:#fff;stroke:#555;stroke-width:1.5}.host .b{fill:#e8f0fe}.network .b{fill:#e6f4ea}.container .b{fill:#fef7e0}.first{font-weight:bold}.l{stroke:#555;stroke-width:1.5;fill:none}.cut{stroke-dasharray:4 4}.small{font-size:11px;fill:#666}@media(prefers-color-scheme:dark){text{fill:#eee}.b{fill:#222;stroke:#999}.host .b{fill:#1f2d45}.network .b{fill:#1e3526}.container .b{fill:#3a3215}.l{stroke:#999}.small{fill:#aaa}}`

const at = (column: keyof typeof COLUMNS, y: number, lines: number): Box => ({
  x: COLUMNS[column],
  y,
  width: WIDTHS[column],
  height: heightOf(lines),
})

const networkLines = ({ name, driver, device, addresses, way }: DrawnNetwork): string[] => [
  `${name} (${driver})`,
  ...(device ? [device] : []),
  ...addresses,
  WAYS[way],
]

const containerLines = ({ name, interface: inside, addresses, ports }: DrawnContainer): string[] => [
  name,
  ...(inside ? [`${inside} ${addresses[0] ?? ''}`.trim(), ...addresses.slice(1)] : addresses),
  ...ports.map((port) => port.replace('->', ' → ')),
]

const drawBox = ({ x, y, width, height }: Box, lines: readonly string[], kind: string): string => {
  const texts = lines.map((text, index) => {
    const base = y + PAD + LINE * index + 13
    return `<text x="${x + PAD}" y="${base}"${index === 0 ? ' class="first"' : ''}${fit(text, width)}>${escaped(text)}</text>`
  })
  return `<g class="${kind}"><rect class="b" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${texts.join('')}</g>`
}

/** Long names are squeezed rather than cut: every character of an address counts. */
const fit = (text: string, width: number): string =>
  text.length * 7.9 > width - 2 * PAD ? ` textLength="${width - 2 * PAD}" lengthAdjust="spacingAndGlyphs"` : ''

const line = (from: Box, to: Box, kind = '', words?: string): string => {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2]
  const [x2, y2] = [to.x, to.y + to.height / 2]
  const middle = (x1 + x2) / 2
  const text = words
    ? `<text class="small" text-anchor="end" x="${x2 - 6}" y="${y2 - 4}"${words.length > 15 ? ' textLength="100"' : ''}>${escaped(words)}</text>`
    : ''
  return `<path class="l ${kind}" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>${text}`
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
