/** Looking in, without a daemon: everything is read from files, the kernel and the drivers. Loaded by those who look, because a start does not. */
export const look = {
  events: () => import('./events/index.ts'),
  inspect: () => import('./inspect.ts'),
  logs: () => import('./logs/index.ts'),
  ports: () => import('./ports.ts'),
  ps: () => import('./ps.ts'),
  size: () => import('./size.ts'),
  stats: () => import('./stats.ts'),
  top: () => import('./top-container.ts'),
  times: () => import('./times.ts'),
}
