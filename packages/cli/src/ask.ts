import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import { write } from './output.ts'

/**
 * Asks on the terminal. `secret`: what is typed is not shown. @throws RtError RT_USAGE where there is nobody to ask
 */
export const ask = async (
  question: string,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<string> => {
  if (!isTerminal(0))
    throw new RtError('RT_USAGE', `There is nobody to ask for "${question}": standard input is not a terminal`, {
      remedy: 'Use --username and --password-stdin.',
      exitCode: 1,
    })
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!secret) write(2, chunk)
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // What readline draws goes nowhere then, its prompt too. Not before the terminal has stopped to show what is typed, which readline sees to.
  if (secret) write(2, `${question}: `)
  try {
    return await lines.question(secret ? '' : `${question}: `)
  } finally {
    lines.close()
    if (secret) write(2, '\n')
  }
}
