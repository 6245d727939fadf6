import { esc } from '../page/document.ts'
import type { Figure } from './comparison.ts'
import { figureWords } from './rows.ts'

export interface Bar {
  readonly name: string
  /** undefined: nothing was measured. */
  readonly figure: Figure | undefined
}

/** A chart of bars from zero on: the bar is the median, the thin line reaches from the least to the most. */
export const drawBars = (title: string, bars: readonly Bar[], format: (value: number) => string): string => {
  const most = Math.max(...bars.map(({ figure }) => figure?.most ?? 0))
  if (most === 0) return ''
  const percent = (value: number): string => `${((value / most) * 100).toFixed(2)}%`
  const rows = bars.map(({ name, figure }, index) => {
    const words = figure ? figureWords(figure, format) : 'not measured'
    const drawn = figure
      ? `<i class="bar" style="width:${percent(figure.median)};--color:var(--c${(index % 4) + 1})"></i><i class="spread" style="left:${percent(figure.least)};width:${percent(figure.most - figure.least)}"></i>`
      : ''
    return `<div class="row"><span class="name">${esc(name)}</span><span class="track">${drawn}</span><span class="value">${esc(words)}</span></div>`
  })
  return `<figure class="card"><figcaption>${esc(title)}</figcaption>${rows.join('')}</figure>`
}

export const BAR_STYLE = `.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.5rem}
.row{display:grid;grid-template-columns:minmax(4rem,auto) 1fr;gap:.1rem .75rem;margin:.55rem 0;align-items:center}
.row .name{font-size:.9em}.row .value{grid-column:2;font-size:.82em;color:var(--soft)}
.track{position:relative;height:1.1rem;background:var(--code);border-radius:4px;display:block}
.bar{position:absolute;inset:0 auto 0 0;background:var(--color);border-radius:4px}
.spread{position:absolute;top:50%;height:2px;min-width:2px;background:var(--text);opacity:.75}
`
