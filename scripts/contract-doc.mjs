/** Writes docs/drivers/contract-*.md from the types of the contract. Usage: node scripts/contract-doc.mjs [--check] */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { declarations, FILES } from './contract-types.mjs'

const TITLES = {
  common: ['What all drivers have in common', 'The manifest, the context, options, the answer to `probe`.'],
  network: ['Network drivers', 'How containers are connected.'],
  storage: ['Storage drivers', 'Where root file systems come from.'],
  isolation: ['Isolation drivers', 'How a container is kept apart.'],
  steps: [
    'Steps',
    'The operations that plans are made of. `host` steps run in the host’s namespaces, `netns` steps in the container’s network namespace, `sandbox` steps in all of its namespaces.',
  ],
}

const cell = (text) => text.replaceAll('|', '\\|').replace(/\n+/g, ' ')
const code = (text) => `\`${text.replaceAll('|', '\\|').replace(/^readonly /, '')}\``

const section = ({ kind, name, doc, source, members }) => {
  const rows = members.map((member) => `| ${code(member.text)} | ${cell(member.doc)} |`)
  const body =
    kind === 'interface' && rows.length > 0
      ? `| member | |\n| --- | --- |\n${rows.join('\n')}`
      : `\`\`\`ts\n${source}\n\`\`\``
  return `## ${name}\n\n${doc
    .replace(/@param (\w+)/g, '\n\n`$1`:')
    .replace(/@throws /g, '\n\nThrows: ')
    .replace(/@returns /g, '\n\nAnswers: ')}\n\n${body}\n`.replace(/\n{3,}/g, '\n\n')
}

let stale = false
for (const [topic, files] of Object.entries(FILES)) {
  const [title, about] = TITLES[topic]
  const path = join(import.meta.dirname, `../docs/drivers/contract-${topic}.md`)
  const sections = files
    .flatMap((file) => declarations(file))
    .filter(({ kind, members }) => kind === 'type' || kind === 'const' || members.length > 0)
  const text = `# ${title}\n\n${about} Made from the types of \`packages/driver-api\` by \`node scripts/contract-doc.mjs\`: contract version 1.\n\n${sections.map(section).join('\n')}`
  if (process.argv[2] !== '--check') writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/drivers/contract-${topic}.md is not what the types say: run node scripts/contract-doc.mjs`)
    stale = true
  }
}
process.exit(stale ? 1 : 0)
