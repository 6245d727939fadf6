import { readFileSync, writeFileSync } from 'node:fs'
import { differences, type Listing } from './differences.ts'
import { machineSnapshot } from './machine-snapshot.ts'

/**
 * `save FILE` writes down what the machine holds now; `compare FILE` fails, and says why, when that is no longer so. For .ci/run, before
 * and after all tests: run by Node itself, hence by relative imports only.
 */
const [action, file] = process.argv.slice(2)
if (file === undefined || (action !== 'save' && action !== 'compare')) {
  process.stderr.write('usage: compare-machine.ts save|compare FILE\n')
  process.exitCode = 2
} else if (action === 'save') {
  writeFileSync(file, JSON.stringify(machineSnapshot()))
} else {
  const before: Listing = JSON.parse(readFileSync(file, 'utf8'))
  const found = differences(before, machineSnapshot())
  if (found.length > 0) {
    process.stdout.write(`the machine is not as it was before the tests:\n${found.join('\n')}\n`)
    process.exitCode = 1
  }
}
