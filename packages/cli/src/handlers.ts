import type { Handlers, Runtime } from '@rt/runtime'

/** Set by the launcher when it wants to keep the code that a run compiles. */
const beforeShim = (globalThis as Record<symbol, unknown>)[Symbol.for('rt.before-shim')]

/** How the shim calls us back, with the settings that this call was given. */
export const handlers = ({ config }: Runtime): Handlers => {
  const rt = (command: string): string[] => [
    process.execPath,
    // Node reads its own `--env-file` even behind the script, and a failure's detail may be any text.
    '--',
    `${__dirname}/launch.cjs`,
    command,
    `--root=${config.root}`,
    `--run-root=${config.runRoot}`,
  ]
  return {
    onFailure: rt('_failed'),
    onLeave: rt('_leave'),
    ...(typeof beforeShim === 'function' && { beforeShim: () => void beforeShim() }),
  }
}
