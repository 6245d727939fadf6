import type { RtCommand } from '../command.ts'

const only = async (module: Promise<{ readonly command: RtCommand }>): Promise<RtCommand> => (await module).command

/** Every command by its words. A start loads the one that it runs. Names with an underscore are called by the shim, not by people. */
export const commands: Readonly<Record<string, () => Promise<RtCommand>>> = {
  run: () => only(import('./run.ts')),
  ps: () => only(import('./ps.ts')),
  rm: () => only(import('./rm.ts')),
  inspect: () => only(import('./inspect.ts')),
  cp: () => only(import('./cp.ts')),
  diff: () => only(import('./diff.ts')),
  export: () => only(import('./export.ts')),
  commit: () => only(import('./commit.ts')),
  images: () => only(import('./images.ts')),
  import: () => only(import('./import.ts')),
  rmi: () => only(import('./rmi.ts')),
  explain: () => only(import('./explain.ts')),
  doctor: () => only(import('./doctor.ts')),
  'drivers ls': () => only(import('./drivers-ls.ts')),
  'system reset': () => only(import('./system-reset.ts')),
  config: () => only(import('./config.ts')),
  _failed: () => only(import('./failed.ts')),
  _leave: () => only(import('./leave.ts')),
}
