/**
 * Looking in, without a daemon: everything is read from files, the kernel and the drivers. Each part is loaded by the command that shows it;
 * apart, so that a bundle which has only one of them is without the others.
 */
export const lookAtImages = () => import('./images.ts')
export const lookAtEvents = () => import('./events/index.ts')
export const lookAtLogs = () => import('./logs/index.ts')
export const lookAtPorts = () => import('../ports/shown.ts')
export const lookAtSizes = () => import('./size.ts')
export const lookAtStats = () => import('./stats.ts')
export const lookAtTimes = () => import('../filters/times.ts')
export const lookAtTop = () => import('./top-container.ts')
export const lookInside = () => import('./inspect.ts')
export const lookAround = () => import('./ps.ts')
