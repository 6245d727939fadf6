/** What few containers ask for; a chunk of its own in the bundle. */
export { askedDevices } from './devices.ts'
export { parseLimits } from './limits.ts'
