import { string } from '@oclif/core/flags'
import type { FlagDefinitions } from '../command.ts'
import { many } from './many.ts'

/** Of `prune` and its like. */
export const pruneFilterFlags: FlagDefinitions = {
  filter: string({
    summary: 'until=TIME (made before then), label=KEY[=VALUE] or label!=KEY[=VALUE]',
    helpValue: 'KEY=VALUE',
    ...many,
  }),
}
