import { boolean, string } from '@oclif/core/flags'
import type { FlagDefinitions } from '../command.ts'
import { many } from './many.ts'

/** How a program in a container is connected: for `run` and `exec`. */
export const connectionFlags: FlagDefinitions = {
  interactive: boolean({ char: 'i', summary: 'connect standard input', allowNo: true }),
  tty: boolean({ char: 't', summary: 'give it a terminal', allowNo: true }),
}

/** As whom it runs, where, and in which environment. */
export const programFlags: FlagDefinitions = {
  env: string({ char: 'e', summary: 'set an environment variable', helpValue: 'NAME[=VALUE]', ...many }),
  'env-file': string({ summary: 'read environment variables from a file', helpValue: 'FILE', ...many }),
  workdir: string({ char: 'w', summary: 'the working directory inside', helpValue: 'DIR' }),
  user: string({ char: 'u', summary: 'name or number', helpValue: 'USER[:GROUP]' }),
}
