import type { Mode } from './modes.ts'
import type { Seen } from './seen.ts'

/** The page of one mode. Ids that differ from run to run are made the same; nothing else is touched. */
export const drawPage = (mode: Mode, seen: Seen): string =>
  `${[
    `# ${mode.title}`,
    mode.about,
    fenced('mermaid', settled(seen.picture)),
    fenced(
      'sh',
      [...(mode.before ?? []), ['run', ...mode.flags, 'busybox', 'sh']]
        .map((args) => `rt ${args.join(' ')}`)
        .join('\n'),
    ),
    '## What rt does',
    stepsText(seen),
    '## What the container has',
    fenced('text', settled(seen.inside)),
    '## What the host has',
    fenced('text', settled(seen.host)),
    ...(ruleLines(seen.rules) === '' ? [] : ['## Rules', fenced('text', ruleLines(seen.rules))]),
    '## The way of a packet',
    seen.flows.map(flowText).join('\n'),
    ...(mode.notes ? ['## Good to know', mode.notes.map((note) => `- ${note}`).join('\n')] : []),
    '---\n\nMade from real runs by `packages/cli/test/network-docs.test.ts`; see CONTRIBUTING.md.',
  ].join('\n\n')}\n`

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``

const INSIDE = /^nsenter --net=\S+ (?:sh -c '(.*)'$)?/

const stepsText = ({ steps }: Seen): string => {
  if (steps.length === 0) return 'Nothing: there is nothing to set up.'
  const texts = steps.map(({ why, commands }, index) => {
    const inside = commands.some((line) => INSIDE.test(line)) ? ' *(in the container’s namespace)*' : ''
    const shell = commands.map((line) => line.replace(INSIDE, '$1')).join('\n')
    const indent = `\n${' '.repeat(`${index + 1}. `.length)}`
    return `${index + 1}. ${why}${inside}${indent.trimEnd()}${indent}${fenced('sh', settled(shell)).replaceAll('\n', indent)}`
  })
  const head =
    'Before the container’s program starts, in this order; on a host where there was never a container before. `rt explain` prints all of it.'
  return [head, ...texts].join('\n\n')
}

const ruleLines = (rules: string): string =>
  rules
    .split('\n')
    .filter((line) => /^\*/.test(line) || (line.startsWith('-A') && line.includes('RT-')))
    .filter((line, index, lines) => !line.startsWith('*') || lines[index + 1]?.startsWith('-A'))
    .map(settled)
    .join('\n')

const flowText = ({ what, from, address, port, answer, tracked }: Seen['flows'][number]): string => {
  const target = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const head = `- **${what}**: \`${from}\` asks \`${target}\``
  if (answer === null) return `${head} and gets no answer.`
  const saw = answer.split(' ').at(-1)
  const way = tracked === undefined ? '' : ` Connection tracking: ${trackedText(tracked)}.`
  return `${head}; \`${answer.split(' ')[0]}\` answers, and saw \`${saw}\`.${way}`
}

/** Ports that the kernel chose are left out. */
const trackedText = (line: string): string => {
  const [, asked = '', answered = ''] =
    /(src=\S+ dst=\S+) sport=\d+ dport=\d+ .*?(src=\S+ dst=\S+) sport/.exec(line) ?? []
  return `\`${short(asked)}\`, answered \`${short(answered)}\``
}

const short = (tuple: string): string =>
  tuple.replace(/[0-9a-f]{4}(:[0-9a-f]{4}){7}/g, (address) => new URL(`http://[${address}]`).hostname.slice(1, -1))

/** What is by chance: container ids, ids in the names of cables, indices and link-local addresses. */
export const settled = (text: string): string =>
  text
    .replace(/[0-9a-f]{64}/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'ID')
    .replace(/\brt[0-9a-f]{5}([0-9a-f]{8})\b/g, 'rt.....$1')
    .replace(/@if\d+/g, '')
    .replace(/\bfe80::[0-9a-f:]+\/64 */g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
