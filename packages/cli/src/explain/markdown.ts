import { addressOf, nameOf, type Say } from '@rt/native/explain'
import { type Explanation, saidParts, script } from './explanation.ts'

/** A document with a numbered step for each operation, and the script at its end. */
export const toMarkdown = (explanation: Explanation, say: Say): string => {
  const { title, about, image, drivers } = explanation
  let number = 0
  const parts = saidParts(explanation, say).flatMap((part) => [
    `## ${part.title}`,
    ...part.steps.flatMap(({ why, see, commands }) => {
      number++
      return [
        `${number}. ${escaped(why)} ${escaped(say('See {1}.')).replace('{1}', link(see))}`,
        indented(fenced(commands)),
      ]
    }),
  ])
  const names = Object.entries(drivers).map(([axis, name]) => `${axis} \`${name}\``)
  return `${[
    `# \`${title}\``,
    about.map(say).join(' '),
    `- ${say('image')}: \`${image}\`\n- ${say('drivers')}: ${names.join(', ')}`,
    ...parts,
    `## ${say('The whole script')}`,
    say('It works when it is pasted into a root shell.'),
    fenced(script(explanation, say).trimEnd().split('\n')),
  ].join('\n\n')}\n`
}

const link = (see: string): string => {
  const address = addressOf(see)
  return address === undefined ? `\`${see}\`` : `[${nameOf(see)}](${address})`
}

/** As text of Markdown: names like `__x__` and `<x>` stay what they are. */
const escaped = (text: string): string => text.replace(/[*_<>[\]]/g, '\\$&')

const fenced = (lines: readonly string[]): string => {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}sh`, ...lines, fence].join('\n')
}

/** Belongs to the item above it. */
const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ')
