#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { type Answers, create, isKind, KINDS, NAME } from './create.ts'

const USAGE = `Usage: npm init rt-driver [-- --kind net|storage|isolation --name NAME [DIRECTORY]]

Writes a package with a driver for rt. What is not given is asked for.`

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { kind: { type: 'string' }, name: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const { kind, name } = await ask(values)
  const directory = create(positionals[0] ?? `rt-driver-${kind}-${name}`, { kind, name })
  console.log(`${directory} is written. Next:

  cd ${directory}
  npm install
  npm run build
  sudo npm test
  sudo rt drivers verify .
  sudo rt drivers add --link .`)
}

const ask = async (given: { kind?: string | undefined; name?: string | undefined }): Promise<Answers> => {
  let { kind, name } = given
  if ((kind === undefined || name === undefined) && process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout })
    kind ??= (await terminal.question(`What does it answer for (${KINDS.join(', ')})? `)).trim()
    name ??= (await terminal.question('What is it called (users write --network=NAME)? ')).trim()
    terminal.close()
  }
  if (kind === undefined || !isKind(kind)) throw new Error(`--kind must be one of ${KINDS.join(', ')}`)
  if (name === undefined || !NAME.test(name)) throw new Error('--name must be lower-case letters, digits and hyphens')
  return { kind, name }
}

main().catch((error: unknown) => {
  console.error(`create-rt-driver: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
})
