/** What the start of a container with mounts needs: loaded by those that have some. */
export { askMounts } from './ask.ts'
export { claimVolumes } from './claim.ts'
export { planMounts } from './plan.ts'
export { makeVolumeSteps } from './store.ts'
