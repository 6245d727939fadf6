import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove containers',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: { force: boolean({ char: 'f', summary: 'kill running ones first' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    let exitCode = 0
    for (const name of words) {
      try {
        await rt.remove(name, { force: flags.on('force') })
        print(name)
      } catch (error) {
        // One that cannot be removed does not keep the others.
        if (!isRtError(error)) throw error
        complain(`rt: ${error.message} [${error.code}]`)
        if (error.remedy) complain(`  ${error.remedy}`)
        exitCode = error.exitCode
      }
    }
    return exitCode
  },
}
