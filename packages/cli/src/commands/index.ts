import type { RtCommand } from '../command.ts'
import { longForms } from './aliases.ts'
import { commands as hot, only } from './hot.ts'

/** Every command by its first name. A start loads the one that it runs. Names with an underscore are called by the shim, not by people. */
const named: Readonly<Record<string, () => Promise<RtCommand>>> = {
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
  events: () => only(import('./events.ts')),
  logs: () => only(import('./logs.ts')),
  stats: () => only(import('./stats.ts')),
  top: () => only(import('./top.ts')),
  port: () => only(import('./port.ts')),
  cp: () => only(import('./cp.ts')),
  diff: () => only(import('./diff.ts')),
  export: () => only(import('./export.ts')),
  commit: () => only(import('./commit.ts')),
  images: () => only(import('./images.ts')),
  import: () => only(import('./import.ts')),
  pull: () => only(import('./pull.ts')),
  push: () => only(import('./push.ts')),
  tag: () => only(import('./tag.ts')),
  history: () => only(import('./history.ts')),
  'image inspect': () => only(import('./image-inspect.ts')),
  'image prune': () => only(import('./image-prune.ts')),
  save: () => only(import('./save.ts')),
  load: () => only(import('./load.ts')),
  login: () => only(import('./login.ts')),
  logout: () => only(import('./logout.ts')),
  rmi: () => only(import('./rmi.ts')),
  'network create': () => only(import('./network-create.ts')),
  'network ls': () => only(import('./network-ls.ts')),
  'network inspect': () => only(import('./network-inspect.ts')),
  'network rm': () => only(import('./network-rm.ts')),
  'network connect': () => only(import('./network-connect.ts')),
  'network disconnect': () => only(import('./network-disconnect.ts')),
  'network prune': () => only(import('./network-prune.ts')),
  'network reload': () => only(import('./network-reload.ts')),
  explain: () => only(import('./explain.ts')),
  doctor: () => only(import('./doctor.ts')),
  'drivers ls': () => only(import('./drivers-ls.ts')),
  prune: () => only(import('./prune.ts')),
  'system df': () => only(import('./system-df.ts')),
  'system boot': () => only(import('./system-boot.ts')),
  'system prune': () => only(import('./system-prune.ts')),
  'system reset': () => only(import('./system-reset.ts')),
  config: () => only(import('./config.ts')),
  _failed: () => only(import('./failed.ts')),
  '_exec-failed': () => only(import('./exec-failed.ts')),
  _leave: () => only(import('./leave.ts')),
}

/** Every command by all its names. */
export const commands: Readonly<Record<string, () => Promise<RtCommand>>> = { ...named, ...longForms(named) }

export const isLongForm = (name: string): boolean => !(name in named)
