export {
  type BecomeClientOptions,
  type BecomeOptions,
  becomeAttached,
  becomeClient,
  becomeExecShim,
  becomeShim,
} from './become.ts'
export type { ClientOptions } from './client.ts'
export { performByShim, ShimStepError } from './perform.ts'
export { type Rebinding, rebindFile } from './rebind.ts'
export { type BackgroundStreams, type Stage, startBackground, startEntering, startStage } from './stage.ts'
