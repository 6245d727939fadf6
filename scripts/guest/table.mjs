/** `table.mjs DIRECTORY`: what vitest's JSON reporter wrote there, as a markdown table with a line for each file and each failed test. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const [directory = '.'] = process.argv.slice(2)
const results = readdirSync(directory).filter((name) => name.endsWith('.json'))
const files = results.flatMap((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')).testResults)
const rows = files.map(({ name, assertionResults, startTime, endTime, status }) => {
  const count = (...words) => assertionResults.filter((test) => words.includes(test.status)).length
  // A file that cannot even be loaded, or whose world cannot be made, has no failed test of its own.
  const failed = count('failed') || (status === 'failed' ? 'all' : 0)
  const minutes = ((endTime - startTime) / 60_000).toFixed(1)
  return [`\`${basename(name)}\``, count('passed'), failed, count('skipped', 'pending', 'todo'), minutes]
})
console.log('| file | passed | failed | skipped | minutes |\n| --- | ---: | ---: | ---: | ---: |')
for (const row of rows.toSorted(([a], [b]) => a.localeCompare(b))) console.log(`| ${row.join(' | ')} |`)
for (const { name, assertionResults, message } of files) {
  const failed = assertionResults.filter(({ status }) => status === 'failed')
  for (const { fullName, failureMessages } of failed)
    console.log(`\n${basename(name)}: ${fullName}\n${failureMessages.join('\n')}`)
  if (failed.length === 0 && message) console.log(`\n${basename(name)}: ${message}`)
}
