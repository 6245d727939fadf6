import type { ExecHandlers, Handlers, Runtime } from '@rt/runtime'

/** Set by the launcher when it wants to keep the code that a run compiles. */
const beforeShim = (globalThis as Record<symbol, unknown>)[Symbol.for('rt.before-shim')]

const saveCode = typeof beforeShim === 'function' ? { beforeShim: () => void beforeShim() } : {}

/** rt itself, as the shim calls it back, with the settings that this call was given. */
const rt = ({ config }: Runtime, command: string): string[] => [
  process.execPath,
  // Node reads its own `--env-file` even behind the script, and a failure's detail may be any text.
  '--',
  `${__dirname}/launch.cjs`,
  command,
  `--root=${config.root}`,
  `--run-root=${config.runRoot}`,
]

export const handlers = (runtime: Runtime): Handlers => ({
  onFailure: rt(runtime, '_failed'),
  onLeave: rt(runtime, '_leave'),
  ...saveCode,
})

export const execHandlers = (runtime: Runtime): ExecHandlers => ({
  onFailure: rt(runtime, '_exec-failed'),
  ...saveCode,
})
