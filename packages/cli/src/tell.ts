import type { Tell } from '@rt/runtime'
import type { ParsedFlags } from './command.ts'
import { complain } from './output.ts'

/** What has to be made or fetched before a container: told on stderr, because the container's own output is that of the command. */
export const tell: Tell = Object.assign((line: string): void => complain(`rt: ${line}`), {
  progress: async () => (await import('./pull-progress.ts')).pullProgress(2),
})

/** With `--quiet` not the steps of a fetch. */
export const tellFor = (flags: ParsedFlags): Tell => (flags.on('quiet') ? (line) => tell(line) : tell)
