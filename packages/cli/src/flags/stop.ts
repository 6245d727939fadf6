import { string } from '@oclif/core/flags'
import type { StopOptions } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { seconds } from './seconds.ts'

/** What `stop` and `restart` share. */
export const stopFlags: FlagDefinitions = {
  time: string({
    char: 't',
    aliases: ['timeout'],
    summary: 'how long to wait before SIGKILL; -1: for ever (default: --stop-timeout of the container, 10)',
    helpValue: 'SECONDS',
  }),
  signal: string({
    char: 's',
    summary: "what to send first (default: --stop-signal of the container, its image's, SIGTERM)",
    helpValue: 'SIGNAL',
  }),
}

export const stopOptions = (flags: ParsedFlags): StopOptions => {
  const [time, signal] = [flags.text('time'), flags.text('signal')]
  return {
    ...(time !== undefined && { timeout: seconds(time, '--time') }),
    ...(signal !== undefined && { signal }),
  }
}
