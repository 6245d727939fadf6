import { humanSize, memorySize } from '../sizes.ts'
import type { Column, Comparison, Figure, Look, NetworkFacts, Reach } from './comparison.ts'
import { keyOf } from './steps.ts'

/** One line of the table: what is compared, and a cell for each column. */
export interface Row {
  readonly group: string
  readonly label: string
  readonly cells: readonly string[]
}

export const NOTHING = '—'

/** The table of a comparison, for the terminal and for the page. */
export const rowsOf = (comparison: Comparison): Row[] => {
  const { columns } = comparison
  const row =
    (group: string) =>
    (label: string, cell: (column: Column) => string | undefined): Row => ({
      group,
      label,
      cells: columns.map((column) => cell(column) ?? NOTHING),
    })
  const look = (label: string, group: string, cell: (look: Look) => string | undefined): Row =>
    row(group)(label, (column) => column.look && cell(column.look))
  const [command, shared, reached] = ['the command', 'of the host it has', 'it reaches']
  const reference = columns.find(({ results }) => results)
  return [
    row(command)('exit status', ({ results, failure }) => (failure ? 'does not run here' : codes(results?.exitCodes))),
    row(command)('output', (column) => outputWords(column, reference)),
    row(command)('until it starts', ({ results }) => timeWords(results?.start)),
    row(command)('until all is over', ({ results }) => timeWords(results?.finish)),
    row(command)('disk used', ({ results }) => results && figureWords(results.disk, humanSize)),
    row(command)('memory, at most', ({ results }) => results?.memory && figureWords(results.memory, memorySize)),
    look('memory when idle', command, ({ memory }) => memoryWords(memory)),
    look('namespaces', shared, ({ namespaces }) => sharedNamespaces(namespaces)),
    look('interfaces', shared, (each) => interfaceWords(each, sharesNet(each))),
    look('addresses', shared, (each) => addressesOf(each).join(', ') || 'none'),
    look('routes', shared, (each) => routeWords(each, sharesNet(each))),
    look(
      'mounts',
      shared,
      ({ mounts }) => `${mounts.length}, ${mounts.filter(({ of }) => of === 'host').length} of the host's file systems`,
    ),
    look(
      'processes seen',
      shared,
      ({ processes }) => `${processes.seen}${processes.ofHost ? ", the host's" : ', its own'}`,
    ),
    look('its gateway', reached, ({ reach }) => reachWords(reach.gateway)),
    look('outside', reached, ({ reach }) => reachWords(reach.outside)),
    look('another container', reached, ({ reach }) => reachWords(reach.peer)),
    look("the host's ports", reached, ({ reach }) => reachWords(reach.hostPorts)),
    row('steps')('all', ({ steps }) => steps && String(steps.filter(({ once }) => !once).length)),
    row('steps')('nowhere else', (column) => column.steps && String(onlyHere(comparison, column).length)),
  ]
}

/** Steps that no other column has. */
export const onlyHere = ({ columns }: Comparison, column: Column): NonNullable<Column['steps']> => {
  const others = new Set(columns.filter((each) => each !== column).flatMap(({ steps = [] }) => steps.map(keyOf)))
  return (column.steps ?? []).filter((step) => !others.has(keyOf(step)))
}

const codes = (exitCodes: readonly number[] = []): string => [...new Set(exitCodes)].join(', ')

const outputWords = ({ results, name }: Column, reference: Column | undefined): string | undefined => {
  if (!results) return undefined
  const { difference, steady } = results.output
  const same =
    difference.length === 0
      ? 'the same'
      : `${difference.length} ${difference.length === 1 ? 'line differs' : 'lines differ'}`
  const words =
    name === reference?.name ? plural(lineCount(results.output.stdout + results.output.stderr), 'line') : same
  return steady ? words : `${words}; differs from run to run`
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const lineCount = (text: string): number => (text === '' ? 0 : text.replace(/\n$/, '').split('\n').length)

export const milliseconds = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`

const timeWords = (figure: Figure | undefined): string | undefined => figure && figureWords(figure, milliseconds)

/** The median, and between what the others lie. */
export const figureWords = ({ median, least, most }: Figure, format: (value: number) => string): string => {
  const [middle, low, high] = [median, least, most].map(format)
  return low === high ? `${middle}` : `${middle} (${low} – ${high})`
}

const memoryWords = ({ container, monitor }: Look['memory']): string | undefined => {
  const words = [
    ...(container === undefined ? [] : [memorySize(container)]),
    ...(monitor === undefined ? [] : [`${memorySize(monitor)} behind it`]),
  ]
  return words.length === 0 ? undefined : words.join(' + ')
}

export const sharesNet = ({ namespaces }: Pick<Look, 'namespaces'>): boolean =>
  namespaces.some(({ type, shared }) => type === 'net' && shared)

export const sharedNamespaces = (namespaces: Look['namespaces']): string =>
  namespaces
    .filter(({ shared }) => shared)
    .map(({ type }) => type)
    .join(', ') || 'none'

const interfaceWords = ({ interfaces }: NetworkFacts, shared: boolean): string => {
  if (shared) return `all ${interfaces.length}: ${interfaces.map(({ name }) => name).join(', ')}`
  return `none; its own: ${interfaces.map(({ name, hostEnd, pluggedInto }) => [name, hostEnd && `⇄ ${hostEnd}`, pluggedInto && `in ${pluggedInto}`].filter(Boolean).join(' ')).join(', ')}`
}

/** Without lo's, which everybody has. */
export const addressesOf = ({ interfaces }: NetworkFacts): string[] =>
  interfaces.flatMap(({ name, addresses }) => (name === 'lo' ? [] : addresses))

const routeWords = ({ routes }: NetworkFacts, shared: boolean): string => {
  const words = routes.map(({ to, via, link }) =>
    [to, via && `via ${via}`, link && `on ${link}`].filter(Boolean).join(' '),
  )
  return `${shared ? `all ${words.length}` : 'none; its own'}: ${words.join(', ') || 'no route'}`
}

export const reachWords = ({ reached, tried, why }: Reach): string => {
  if (why !== undefined) return `no: ${why}`
  if (reached) return `yes: ${tried.flatMap(({ address, answer }) => (answer === 'yes' ? [address] : [])).join(', ')}`
  return `no: ${[...new Set(tried.map(({ answer }) => ANSWERS[answer] ?? answer))].join(', ')}`
}

const ANSWERS: Readonly<Record<string, string>> = {
  refused: 'refused',
  silent: 'no answer',
  ENETUNREACH: 'no route there',
  EHOSTUNREACH: 'nobody there',
  EADDRNOTAVAIL: 'no address of its own',
}
