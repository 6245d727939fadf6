import type { ExecHandlers, Handlers, Runtime } from '@rt/runtime'

/** Set by the launcher when it wants to keep the code that a run compiles. */
const beforeShim = (globalThis as Record<symbol, unknown>)[Symbol.for('rt.before-shim')]

const saveCode = typeof beforeShim === 'function' ? { beforeShim: () => void beforeShim() } : {}

/** The words that call this very rt again, with the settings that this call was given. */
export const self = ({ config }: Runtime, command: string): [string, ...string[]] => [
  process.execPath,
  ...process.execArgv,
  // Node reads its own `--env-file` even behind the script, and a failure's detail may be any text.
  '--',
  `${__dirname}/launch.cjs`,
  command,
  `--root=${config.root}`,
  `--run-root=${config.runRoot}`,
]

/** How the shim calls us back. `failure`: the exit status of a start that fails, where it is not to tell why. */
export const handlers = (rt: Runtime, { failure }: { readonly failure?: number } = {}): Handlers => ({
  onFailure: [...self(rt, '_failed'), ...(failure === undefined ? [] : [`--exit-code=${failure}`])],
  onLeave: self(rt, '_leave'),
  ...saveCode,
})

export const execHandlers = (rt: Runtime): ExecHandlers => ({
  onFailure: self(rt, '_exec-failed'),
  ...saveCode,
})
