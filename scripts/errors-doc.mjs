/** Writes docs/errors.md from the catalogue. Usage: node scripts/errors-doc.mjs [--check] */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { ERRORS } = await import(join(root, 'packages/driver-api/dist/errors/catalogue.js'))
const page = join(root, 'docs/errors.md')
const text = `# Errors

Made from \`packages/driver-api/src/errors/catalogue.ts\` by \`node scripts/errors-doc.mjs\`. rt prints an error as one sentence with its code, and the remedy below it:

\`\`\`
rt: No such container: web. [RT_CONTAINER_UNKNOWN]
  See \`rt ps -a\`.
\`\`\`

The exit status is 125 unless the table says another. As Docker's, a command that would have run no program ends with 1 instead of 125, unless it
was the line that could not be understood (\`RT_USAGE\`).

| code | what it means | what helps | exit status |
|---|---|---|---:|
${Object.entries(ERRORS)
  .map(
    ([code, { means, remedy, exitCode }]) =>
      `| \`${code}\` | ${means} | ${remedy.replaceAll('|', '\\|')} | ${exitCode ?? 125} |`,
  )
  .join('\n')}
`
if (process.argv[2] === '--check') {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/errors.md is not what the catalogue says: run node scripts/errors-doc.mjs')
    process.exit(1)
  }
} else writeFileSync(page, text)
