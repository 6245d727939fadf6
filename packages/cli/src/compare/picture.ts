import { WAYS } from '../graph/topology.ts'
import { esc } from '../page/document.ts'
import type { Column, Comparison, InterfaceFact, NetworkFacts } from './comparison.ts'
import { sharesNet } from './rows.ts'

/** Pixels. As wide as a phone, so that it is never made small. */
const WIDTH = 340
const LINE = 16
const HALF = 150

/** One network mode as a picture, of what was seen: outside at the top, the host below it, the two containers inside of it or below. */
export const drawColumn = ({ name, look }: Column, host: Comparison['host']): string => {
  if (!look) return ''
  const shared = sharesNet(look)
  const parts: string[] = []
  const hostBox = { x: 10, y: 66, width: 320 }
  const uplink = host.routes.find(({ to }) => to === 'default')?.link
  const lines = hostLines(host, uplink)
  parts.push(line(170, 38, 170, hostBox.y, host.reach.outside.reached ? '' : 'cut'))
  parts.push(
    box({ x: 60, y: 8, width: 220 }, [`outside ${host.outside?.split(',')[0] ?? ''}`.trim()], 'wire', 'middle'),
  )
  const textHeight = 14 + LINE * (lines.length + 1)
  if (shared) {
    const height = textHeight + 76
    parts.push(region({ ...hostBox, height }, ['the host’s network', ...lines], 'host'))
    const y = hostBox.y + textHeight + 4
    parts.push(
      box({ x: 22, y, width: HALF - 6 }, ['this container', 'no other network', 'than the host’s'], 'container'),
    )
    parts.push(box({ x: 174, y, width: HALF - 6 }, ['another one', 'in the same'], 'container'))
    return svg(parts, hostBox.y + height + 10, `the network ${name}: inside the host's own`)
  }
  const [own, others] = [cablesOf(look), cablesOf(look.peer)]
  const device = [...own, ...others].find(({ pluggedInto }) => pluggedInto !== undefined)?.pluggedInto
  const bridge = device === undefined ? undefined : host.interfaces.find((each) => each.name === device)
  const deviceLines =
    device === undefined ? [] : [device, ...(bridge?.addresses ?? []), ...(look.way ? [WAYS[look.way]] : [])]
  const deviceHeight = deviceLines.length === 0 ? 0 : 16 + LINE * deviceLines.length
  const hostHeight = textHeight + (deviceHeight === 0 ? 6 : deviceHeight + 12)
  parts.push(region({ ...hostBox, height: hostHeight }, ['the host’s network', ...lines], 'host'))
  const bottom = hostBox.y + hostHeight
  const deviceTop = hostBox.y + textHeight
  if (deviceHeight > 0) parts.push(box({ x: 50, y: deviceTop, width: 240 }, deviceLines, 'network', 'middle'))
  const from = deviceHeight > 0 ? deviceTop + deviceHeight : bottom
  const top = bottom + 58
  const boxes = [
    { x: 10, title: 'this container', facts: look as NetworkFacts, cables: own },
    { x: 180, title: 'another one', facts: look.peer as NetworkFacts, cables: others },
  ].map(({ x, title, facts, cables }) => {
    const middle = x + HALF / 2
    const end = deviceHeight > 0 ? Math.min(Math.max(middle, 90), 250) : middle
    const inside = [title, ...facts.interfaces.flatMap(interfaceLines)].slice(0, 8)
    if (cables.length > 0) {
      parts.push(line(end, from, middle, top))
      parts.push(label(middle, top - 8, cables.map(({ hostEnd }) => hostEnd).join(' ')))
    } else parts.push(label(middle, top - 22, 'no cable'))
    return { inside, at: { x, y: top, width: HALF }, height: 16 + LINE * inside.length }
  })
  for (const { inside, at } of boxes) parts.push(box(at, inside, 'container own'))
  return svg(parts, top + Math.max(...boxes.map(({ height }) => height)) + 10, `the network ${name}`)
}

/** Interfaces that lead to the host's namespace. */
const cablesOf = ({ interfaces }: NetworkFacts): InterfaceFact[] =>
  interfaces.filter(({ hostEnd }) => hostEnd !== undefined)

const hostLines = ({ interfaces }: NetworkFacts, uplink: string | undefined): string[] => {
  const way = interfaces.find(({ name }) => name === uplink)
  return way ? [way.name, ...way.addresses.slice(0, 2)] : ['no way out of its own']
}

const interfaceLines = ({ name, addresses }: InterfaceFact): string[] =>
  name === 'lo' ? [`lo ${addresses[0] ?? ''}`.trim()] : [name, ...addresses]

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
}

const box = ({ x, y, width }: Place, lines: readonly string[], kind: string, anchor = 'start'): string => {
  const height = lines.length === 1 ? 30 : 16 + LINE * lines.length
  return region({ x, y, width, height }, lines, kind, anchor)
}

const region = (
  place: Place & { readonly height: number },
  lines: readonly string[],
  kind: string,
  anchor = 'start',
): string => {
  const { x, y, width, height } = place
  const at = anchor === 'middle' ? x + width / 2 : x + 10
  const texts = lines.map(
    (text, index) =>
      `<text x="${at}" y="${y + 20 + LINE * index}"${anchor === 'middle' ? ' text-anchor="middle"' : ''}${index === 0 ? ' class="first"' : ''}${fit(text, width - 20)}>${esc(text)}</text>`,
  )
  return `<g class="${kind}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>${texts.join('')}</g>`
}

/** Long names are squeezed rather than cut: every character of an address counts. */
const fit = (text: string, width: number): string =>
  text.length * 6.7 > width ? ` textLength="${width}" lengthAdjust="spacingAndGlyphs"` : ''

const line = (x1: number, y1: number, x2: number, y2: number, kind = ''): string =>
  `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`

const label = (x: number, y: number, text: string): string =>
  `<text class="label" text-anchor="middle" x="${x}" y="${y}"${fit(text, HALF - 4)}>${esc(text)}</text>`

const svg = (parts: readonly string[], height: number, title: string): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${esc(title)}">${parts.join('')}</svg>`

export const PICTURE_STYLE = `svg{display:block;max-width:100%;height:auto;margin:.5rem auto}
svg text{font:11px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--text)}
svg text.first{font-weight:bold}svg text.label{fill:var(--soft);font-size:10px;paint-order:stroke;stroke:var(--card);stroke-width:4px}
svg rect{fill:var(--card);stroke:var(--line);stroke-width:1.5}
svg .host>rect{fill:color-mix(in srgb,var(--c1) 10%,var(--card));stroke:var(--c1)}
svg .network>rect{fill:color-mix(in srgb,var(--c3) 16%,var(--card));stroke:var(--c3)}
svg .container>rect{fill:color-mix(in srgb,var(--c2) 14%,var(--card));stroke:var(--c2)}
svg .own>rect{stroke-dasharray:6 4}svg .wire>rect{rx:15px}
svg line{stroke:var(--soft);stroke-width:2}svg line.cut{stroke-dasharray:4 4}
`
