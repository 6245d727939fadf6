import { addressOf, nameOf, quoteAll } from '@rt/native/explain'
import { esc, htmlDocument } from '../page/document.ts'
import { humanSize, memorySize } from '../sizes.ts'
import { BAR_STYLE, drawBars } from './bars.ts'
import type { Column, ComparedStep, Comparison, Figure, Look, Reach } from './comparison.ts'
import { drawColumn, PICTURE_STYLE } from './picture.ts'
import { addressesOf, milliseconds, reachWords, rowsOf, sharedNamespaces, sharesNet } from './rows.ts'
import { keyOf, merge } from './steps.ts'

/** One self-contained page: pictures, what they share and reach, bars, the table, outputs and steps side by side. */
export const toPage = (comparison: Comparison): string => {
  const { columns, image, command, repeat, flags } = comparison
  const names = columns.map(({ name }) => name)
  const listed = `${names.slice(0, -1).join(', ')}${names.length > 1 ? ' and ' : ''}${names.at(-1)}`
  const title = names.length > 4 ? `${names.length} combinations of drivers` : listed
  return htmlDocument({
    title: `${title}, side by side`,
    language: 'en',
    style: PICTURE_STYLE + BAR_STYLE + STYLE,
    body: `<h1>${esc(title)}, side by side</h1>
<p>The same command under ${names.length === 1 ? 'one choice' : `${names.length} choices`} of drivers, ${repeat === 1 ? 'once' : `${repeat} times`} each: <code>${esc(quoteAll([...flags, image, ...command]))}</code></p>
<p class="soft">All of it was seen: two idle containers of each were looked at from outside, and packets were sent. “outside” is ${esc(comparison.host.outside ?? 'nobody: this host has no way out of its own')}${comparison.host.outside ? `, whom the host itself ${comparison.host.reach.outside.reached ? 'reaches' : 'does not reach'}` : ''}.</p>
<section class="columns">${columns.map((column) => card(column, comparison)).join('\n')}</section>
<h2>Time, disk, memory</h2>
<div class="charts">${charts(columns)}</div>
<h2>Everything, side by side</h2>
${table(comparison)}
<h2>What the command wrote</h2>
${outputs(columns)}
<h2>Steps, side by side</h2>
${stepsSideBySide(columns)}`,
  })
}

const card = (column: Column, { host }: Comparison): string => {
  const { name, failure, look } = column
  if (failure || !look)
    return `<article class="card"><h3>${esc(name)}</h3><p class="bad">Does not run here.</p><p>${esc(failure?.message ?? '')} ${failure?.code ? `<code>${esc(failure.code)}</code>` : ''}</p><p class="soft">${esc(failure?.remedy ?? '')}</p></article>`
  const reaches = [
    ['its gateway', look.reach.gateway],
    ['outside', look.reach.outside],
    ['another container', look.reach.peer],
    ['the host’s ports', look.reach.hostPorts],
  ] as const
  return `<article class="card"><h3>${esc(name)}</h3>
<p>${esc(sentenceOf(look))}</p>
${drawColumn(column, host)}
<h4>It reaches</h4>
<ul class="reach">${reaches.map(([whom, reach]) => reachItem(whom, reach)).join('')}</ul>
<p><b>Shared with the host:</b> ${sharedWords(look)}</p></article>`
}

/** The picture in a sentence. */
const sentenceOf = (look: Look): string => {
  if (sharesNet(look))
    return 'It has no network of its own: its programs use the host’s interfaces, addresses and ports as if no container were around them.'
  const cable = look.interfaces.find(({ hostEnd }) => hostEnd !== undefined)
  const others = look.interfaces.filter(({ name }) => name !== 'lo')
  if (others.length === 0)
    return 'It has a network namespace of its own with nothing in it but lo: nobody can be reached, and nobody reaches it.'
  const address = addressesOf(look)[0]
  const own = `It has a network namespace of its own with ${others.map(({ name }) => name).join(', ')}${address ? `, ${address}` : ''}`
  const plugged = cable?.pluggedInto
    ? `, a cable into ${cable.pluggedInto} of the host`
    : cable
      ? `, which lies on ${cable.hostEnd} of the host`
      : ''
  const way = look.way === 'nat' ? '; its packets leave under the host’s address' : ''
  return `${own}${plugged}${way}.`
}

const reachItem = (whom: string, reach: Reach): string => {
  const words = reachWords(reach).replace(/^(yes|no): ?/, '')
  return `<li class="${reach.reached ? 'yes' : 'no'}"><b>${reach.reached ? '✓' : '✗'} ${esc(whom)}</b> <span class="soft">${esc(words)}</span></li>`
}

const sharedWords = (look: Look): string => {
  const namespaces = sharedNamespaces(look.namespaces)
  const mounts = look.mounts.filter(({ of }) => of === 'host').length
  return `${namespaces === 'none' ? 'no namespace' : `the namespaces <b>${esc(namespaces)}</b>`}, ${mounts} of ${look.mounts.length} mounts; it sees ${look.processes.seen} process${look.processes.seen === 1 ? '' : 'es'}${look.processes.ofHost ? ' of the host' : ', its own'}.`
}

const charts = (columns: readonly Column[]): string => {
  const bars = (figure: (column: Column) => Figure | undefined) =>
    columns.map((column) => ({ name: column.name, figure: figure(column) }))
  const plain = (value: number | undefined): Figure | undefined =>
    value === undefined ? undefined : { median: value, least: value, most: value }
  return [
    drawBars(
      'Until the command starts',
      bars(({ results }) => results?.start),
      milliseconds,
    ),
    drawBars(
      'Until all is over',
      bars(({ results }) => results?.finish),
      milliseconds,
    ),
    drawBars(
      'Disk used by its files',
      bars(({ results }) => results?.disk),
      humanSize,
    ),
    drawBars(
      'Memory, at most',
      bars(({ results }) => results?.memory),
      memorySize,
    ),
    drawBars(
      'Memory of an idle container',
      bars(({ look }) => plain(look?.memory.container)),
      memorySize,
    ),
    drawBars(
      'Memory of what stands behind it',
      bars(({ look }) => plain(look?.memory.monitor)),
      memorySize,
    ),
  ].join('')
}

const table = (comparison: Comparison): string => {
  const rows = rowsOf(comparison)
  const width = comparison.columns.length + 1
  const lines = rows.map(({ group, label, cells }, index) => {
    const heading =
      group === rows[index - 1]?.group
        ? ''
        : `<tr class="group"><th colspan="${width}" scope="rowgroup">${esc(group)}</th></tr>`
    const differs = new Set(cells).size > 1
    return `${heading}<tr${differs ? ' class="differs"' : ''}><th scope="row">${esc(label)}</th>${cells.map((cell) => `<td>${esc(cell)}</td>`).join('')}</tr>`
  })
  return `<div class="scroll"><table><thead><tr><td></td>${comparison.columns.map(({ name }) => `<th scope="col">${esc(name)}</th>`).join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`
}

const outputs = (columns: readonly Column[]): string => {
  const ran = columns.flatMap(({ name, results }) =>
    results ? [{ name, output: results.output, codes: results.exitCodes }] : [],
  )
  const [first] = ran
  if (!first) return '<p>It ran nowhere.</p>'
  if (ran.every(({ output }) => output.difference.length === 0))
    return `<p>The same everywhere.</p>${text(first.output.stdout + first.output.stderr)}`
  return `<div class="charts">${ran
    .map(
      ({ name, output, codes: [code] }) =>
        `<div class="card"><h3>${esc(name)} <span class="soft">exit status ${code}</span></h3>${text(output.stdout + output.stderr)}${output.truncated ? '<p class="soft">It wrote more than is kept.</p>' : ''}${output.steady ? '' : '<p class="soft">It differs from run to run.</p>'}</div>`,
    )
    .join('')}</div>`
}

/** A page is to stay small. */
const MOST = 20_000

const text = (all: string): string =>
  all === '' ? '<p class="soft">nothing</p>' : `<pre>${esc(all.slice(0, MOST))}${all.length > MOST ? '…' : ''}</pre>`

const stepsSideBySide = (columns: readonly Column[]): string => {
  const ran = columns.filter(({ steps }) => steps)
  const keys = merge(ran.map(({ steps = [] }) => steps.map(keyOf)))
  const byKey = new Map(ran.flatMap(({ steps = [] }) => steps.map((step) => [keyOf(step), step])))
  const has = new Map(ran.map((column) => [column, new Set(column.steps?.map(keyOf))]))
  const rows = keys.flatMap((key) => {
    const step = byKey.get(key)
    return step ? [{ step, who: ran.map((column) => has.get(column)?.has(key) === true) }] : []
  })
  const differing = rows.filter(({ who }) => who.includes(false))
  const common = rows.filter(({ who }) => !who.includes(false))
  const list = (some: typeof rows): string =>
    `<ol class="steps">${some
      .map(({ step, who }) =>
        stepItem(
          step,
          ran.map(({ name }, index) => ({ name, has: who[index] === true })),
        ),
      )
      .join('\n')}</ol>`
  return `<p>${differing.length === 0 ? 'All of them do the same.' : `${differing.length} steps that not all of them do, in order. Names like <code>&lt;address&gt;</code> stand for what every container has of its own.`}</p>
${list(differing)}
<details><summary>${common.length} steps that all of them do</summary>${list(common)}</details>`
}

const stepItem = (step: ComparedStep, who: readonly { readonly name: string; readonly has: boolean }[]): string => {
  const address = addressOf(step.see)
  const pointer = address === undefined ? esc(step.see) : `<a href="${esc(address)}">${esc(nameOf(step.see))}</a>`
  const chips = who.map(({ name, has }) => `<span class="chip ${has ? 'has' : 'lacks'}">${esc(name)}</span>`).join('')
  return `<li><div class="chips">${chips}</div><div><p>${esc(step.why)}${step.once ? ' <b>Once, for all containers.</b>' : ''} <span class="soft">${esc(PLACES[step.where] ?? step.where)}, ${pointer}</span></p><pre>${esc(step.commands.join('\n'))}</pre></div></li>`
}

const PLACES: Readonly<Record<string, string>> = {
  host: 'on the host',
  netns: 'in its network namespace',
  sandbox: 'inside',
  end: 'when it has ended',
}

const STYLE = `.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem;margin-top:1.5rem;align-items:start}
.columns h3{font-size:1.25rem}h4{margin:.75rem 0 .25rem;font-size:1rem}
.reach{list-style:none;padding:0;margin:0}.reach li{padding:.15rem 0;overflow-wrap:anywhere}.yes b{color:var(--good)}.no b{color:var(--bad)}.bad{color:var(--bad);font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9em}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);min-width:8.5rem;overflow-wrap:anywhere}
th[scope=row]{font-weight:500;position:sticky;left:0;background:var(--back);min-width:7.5rem}tr.group th{color:var(--soft);font-size:.85em;padding-top:1.1rem}
tr.differs td{background:color-mix(in srgb,var(--c2) 7%,transparent)}
.steps{list-style:none;padding:0}.steps li{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:.25rem 1rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
.steps li>div{min-width:0}.steps p{margin:0}.chips{display:flex;flex-wrap:wrap;gap:.3rem;align-content:start}
.chip{font-size:.8em;padding:.05rem .5rem;border-radius:1rem;border:1px solid var(--line)}.chip.has{background:var(--c3);border-color:var(--c3);color:var(--card)}.chip.lacks{color:var(--soft);text-decoration:line-through}
@media(max-width:40rem){.steps li{grid-template-columns:1fr}}
`
