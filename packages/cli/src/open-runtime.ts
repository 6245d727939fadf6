import { builtinDrivers } from '@rt/drivers'
import { createRuntime, type Runtime } from '@rt/runtime'
import type { ParsedFlags } from './command.ts'

/** The runtime with the settings that the command line gives. */
export const openRuntime = (flags: ParsedFlags): Promise<Runtime> =>
  createRuntime({
    drivers: builtinDrivers,
    settings: {
      root: flags.text('root'),
      'run-root': flags.text('run-root'),
      network: flags.text('network'),
      storage: flags.text('storage'),
      isolation: flags.text('isolation'),
    },
  })
