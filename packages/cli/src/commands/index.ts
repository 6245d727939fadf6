import type { RtCommand } from '../command.ts'
import { commands as hot, only } from './hot.ts'

/** Every command by its words. A start loads the one that it runs. Names with an underscore are called by the shim, not by people. */
export const commands: Readonly<Record<string, () => Promise<RtCommand>>> = {
  ...hot,
  create: () => only(import('./create.ts')),
  restart: () => only(import('./restart.ts')),
  kill: () => only(import('./kill.ts')),
  wait: () => only(import('./wait.ts')),
  pause: () => only(import('./pause.ts')),
  unpause: () => only(import('./unpause.ts')),
  rename: () => only(import('./rename.ts')),
  update: () => only(import('./update.ts')),
  inspect: () => only(import('./inspect.ts')),
  logs: () => only(import('./logs.ts')),
  port: () => only(import('./port.ts')),
  images: () => only(import('./images.ts')),
  import: () => only(import('./import.ts')),
  rmi: () => only(import('./rmi.ts')),
  explain: () => only(import('./explain.ts')),
  doctor: () => only(import('./doctor.ts')),
  'drivers ls': () => only(import('./drivers-ls.ts')),
  prune: () => only(import('./prune.ts')),
  'container prune': () => only(import('./prune.ts')),
  'system boot': () => only(import('./system-boot.ts')),
  'system reset': () => only(import('./system-reset.ts')),
  config: () => only(import('./config.ts')),
  _failed: () => only(import('./failed.ts')),
  '_exec-failed': () => only(import('./exec-failed.ts')),
  _leave: () => only(import('./leave.ts')),
}
