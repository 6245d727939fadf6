export { type BecomeOptions, becomeShim } from './become.ts'
export { becomeExecShim } from './become-exec.ts'
export { performByShim, ShimStepError } from './perform.ts'
export { type Stage, startStage } from './stage.ts'
