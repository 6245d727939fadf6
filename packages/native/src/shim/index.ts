export { shimPath } from '../sys/shim-path.ts'
export {
  type BecomeClientOptions,
  type BecomeOptions,
  becomeAttached,
  becomeClient,
  becomeExecShim,
  becomeShim,
} from './become.ts'
export type { ClientOptions } from './client.ts'
export {
  type FrontOptions,
  type Output,
  type ProgramFront,
  type ShimFront,
  StartFailure,
  spawnBackground,
  spawnClient,
  spawnEntering,
  spawnExec,
} from './front.ts'
export { performByShim, ShimStepError } from './perform.ts'
export { type Rebinding, rebindFile } from './rebind.ts'
export {
  type BackgroundStageOptions,
  type BackgroundStreams,
  type Stage,
  startBackground,
  startEntering,
  startStage,
} from './stage.ts'
