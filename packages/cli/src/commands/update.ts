import { string } from '@oclif/core/flags'
import { isRtError, RtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { givenLimits, limitFlags } from '../flags/limit.ts'
import { restartPolicy } from '../flags/stream.ts'
import { complain, print } from '../output.ts'

const tell = (line: string): void => complain(`rt: ${line}`)

export const command: RtCommand = {
  summary: 'Change the limits of containers, running ones at once',
  description: 'What is not given stays as it is; 0 takes a limit away. A restart policy holds from the next start on.',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt update --memory=256m --cpus=1.5 web', 'rt update --pids-limit=0 web'],
  flags: {
    ...limitFlags,
    restart: string({ summary: 'no, on-failure[:MAX], always, unless-stopped', helpValue: 'POLICY' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const limits = givenLimits(flags)
    const restart = restartPolicy(flags.text('restart'))
    if (limits === undefined && restart === undefined)
      throw new RtError('RT_USAGE', 'rt update was told no limit to change', { remedy: 'See `rt update --help`.' })
    const changes = { limits: limits ?? {}, ...(restart !== undefined && { restart }) }
    const rt = await runtime()
    await rt.reconcile()
    let exitCode = 0
    for (const name of words) {
      try {
        await rt.update(name, changes, tell)
        print(name)
      } catch (error) {
        // One that cannot be changed does not keep the others.
        if (!isRtError(error)) throw error
        complain(`rt: ${error.message} [${error.code}]`)
        if (error.remedy) complain(`  ${error.remedy}`)
        exitCode = 1
      }
    }
    return exitCode
  },
}
