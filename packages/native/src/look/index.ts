/** `@rt/native/look`: looking at running containers from outside. Not part of the main entry, because no start needs it. */
export { observeNetwork } from '../netlink/observe.ts'
export { type Netns, openNetns } from '../netns.ts'
export { awaitLinksGone } from '../steps/await-link.ts'
export { shimPath } from '../sys/shim-path.ts'
export * from './capture.ts'
export * from './listener.ts'
export * from './reach.ts'
