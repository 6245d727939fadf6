import { string } from '@oclif/core/flags'
import { isRtError, RtError } from '@rt/driver-api'
import type { RestartPolicy } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { givenLimits, limitFlags } from '../limit-flags.ts'
import { complain, print } from '../output.ts'

const tell = (line: string): void => complain(`rt: ${line}`)

/** @throws RtError RT_USAGE */
const restartPolicy = (text: string): RestartPolicy => {
  const [, name, max] = /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text) ?? []
  if (name === undefined || (max !== undefined && name !== 'on-failure'))
    throw new RtError('RT_USAGE', `--restart: there is no policy "${text}".`, {
      remedy: 'Use no, on-failure[:times], always or unless-stopped.',
    })
  return { name: name as RestartPolicy['name'], ...(max !== undefined && { max: Number(max) }) }
}

export const command: RtCommand = {
  summary: 'Change the limits of containers, running ones at once',
  description: 'What is not given stays as it is; 0 takes a limit away. A restart policy holds from the next start on.',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt update --memory=256m --cpus=1.5 web', 'rt update --pids-limit=0 web'],
  flags: { ...limitFlags, restart: string({ summary: 'when to start it again', helpValue: 'POLICY' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const limits = givenLimits(flags)
    const restart = flags.text('restart')
    if (limits === undefined && restart === undefined)
      throw new RtError('RT_USAGE', 'rt update was told no limit to change', { remedy: 'See `rt update --help`.' })
    const changes = { limits: limits ?? {}, ...(restart !== undefined && { restart: restartPolicy(restart) }) }
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
