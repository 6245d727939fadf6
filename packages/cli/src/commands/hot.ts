import type { RtCommand } from '../command.ts'

export const only = async (module: Promise<{ readonly command: RtCommand }>): Promise<RtCommand> =>
  (await module).command

/** What is typed all day and has to be quick: bundled apart, because a start reads the whole of its bundle. */
export const commands: Readonly<Record<string, () => Promise<RtCommand>>> = {
  run: () => only(import('./run.ts')),
  exec: () => only(import('./exec.ts')),
  start: () => only(import('./start.ts')),
  stop: () => only(import('./stop.ts')),
  attach: () => only(import('./attach.ts')),
  ps: () => only(import('./ps.ts')),
  rm: () => only(import('./rm.ts')),
}
