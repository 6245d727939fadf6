import { addressOf, type ExplainedStep, nameOf, type Say } from '@rt/native/explain'
import { esc, htmlDocument } from '../page/document.ts'
import { type Explanation, saidParts, script } from './explanation.ts'

/** One self-contained page. */
export const toPage = (explanation: Explanation, say: Say, language: string): string => {
  const { title, about, image, drivers } = explanation
  const parts = saidParts(explanation, say)
  let first = 1
  const lists = parts.map((part) => {
    const list = `<h2 id="${part.part}">${esc(part.title)}</h2>\n<ol start="${first}" class="${part.part}">\n${part.steps.map((step) => item(step, say)).join('\n')}\n</ol>`
    first += part.steps.length
    return list
  })
  const contents = parts.map(
    (part) => `<li><a href="#${part.part}">${esc(part.title)}</a> <span class="soft">${part.steps.length}</span></li>`,
  )
  const names = Object.entries(drivers).map(([axis, name]) => `${axis} <b>${esc(name)}</b>`)
  return htmlDocument({
    title,
    language,
    style: STYLE,
    script: SCRIPT,
    body: `<h1><code>${esc(title)}</code></h1>
<p>${about.map((text) => esc(say(text))).join(' ')}</p>
<p class="soft">${say('image')} <b>${esc(image)}</b> · ${names.join(' · ')}</p>
<nav><ul>${contents.join('')}<li><a href="#script">${esc(say('The whole script'))}</a></li></ul></nav>
${lists.join('\n')}
<h2 id="script">${esc(say('The whole script'))}</h2>
<p>${esc(say('It works when it is pasted into a root shell.'))} <button data-copy="all" data-done="${esc(say('copied'))}">${esc(say('copy'))}</button></p>
<pre id="all">${esc(script(explanation, say))}</pre>`,
  })
}

export const item = ({ why, see, commands }: ExplainedStep, say: Say): string => {
  const address = addressOf(see)
  const pointer = address === undefined ? esc(see) : `<a href="${esc(address)}">${esc(nameOf(see))}</a>`
  return `<li><p>${esc(why)} <span class="see">${esc(say('See {1}.')).replace('{1}', pointer)}</span></p><pre>${esc(commands.join('\n'))}</pre></li>`
}

const STYLE = `nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0}
ol{padding-left:2.4rem;margin:0}ol>li::marker{color:var(--soft);font-size:.85em}
ol>li{border-left:4px solid var(--line);padding:.1rem 0 .1rem .9rem;margin:.9rem 0;min-width:0}
ol.host>li{border-color:var(--c1)}ol.inside>li{border-color:var(--c2)}ol.end>li{border-color:var(--c3)}
ol>li>p{margin:0}.see{color:var(--soft);font-size:.9em;overflow-wrap:anywhere}
button{font:inherit;font-size:.85em;padding:.15rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--text);cursor:pointer}
`

/** Selects the text where the clipboard is not allowed, so that ^C takes it. */
const SCRIPT = `for (const button of document.querySelectorAll('button[data-copy]'))
  button.onclick = async () => {
    const source = document.getElementById(button.dataset.copy)
    getSelection().selectAllChildren(source)
    try { await navigator.clipboard.writeText(source.textContent); button.textContent = button.dataset.done } catch { document.execCommand('copy') && (button.textContent = button.dataset.done) }
  }
`
