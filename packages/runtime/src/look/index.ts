/** Looking in, without a daemon: everything is read from files, the kernel and the drivers. Loaded by those who look, because a start does not. */
export const look = {
  inspect: () => import('./inspect.ts'),
  logs: () => import('./logs/index.ts'),
  ports: () => import('./ports.ts'),
  ps: () => import('./ps.ts'),
  size: () => import('./size.ts'),
  times: () => import('./times.ts'),
}
