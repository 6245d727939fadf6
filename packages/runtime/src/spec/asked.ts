/** What few containers ask for; a chunk of its own in the bundle. */
export { parseDevices } from './devices.ts'
export { parseLimits } from './limits.ts'
