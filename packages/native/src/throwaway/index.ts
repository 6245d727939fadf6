/** For trying drivers out: namespaces in which nothing can be spoilt, and what is needed to look into them. No start of a container needs it. */
export { createLifeline, type Lifeline } from '../sys/lifeline.ts'
export { sweepThrowawayGroups } from './cgroups.ts'
export { runGuarded } from './guard.ts'
export { type Mount, mount, unmount } from './mount.ts'
export { makeHostHarmless, runInNewNamespaces } from './namespaces.ts'
export { type Ended, type ProgramOptions, program } from './program.ts'
export { type Listening, listenTcp, reachesTcp } from './tcp.ts'
