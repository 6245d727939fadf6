import type { Handlers, Runtime } from '@rt/runtime'

/** How the shim calls us back, with the settings that this call was given. */
export const handlers = ({ config }: Runtime): Handlers => {
  const rt = (command: string): string[] => [
    process.execPath,
    `${__dirname}/launch.cjs`,
    command,
    `--root=${config.root}`,
    `--run-root=${config.runRoot}`,
  ]
  return { onFailure: rt('_failed'), onLeave: rt('_leave') }
}
