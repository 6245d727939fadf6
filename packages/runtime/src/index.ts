/** rt as a library: everything that the command line does, without its words. */
export { axes, type Config, type Setting } from './config/config.ts'
export { AXES, type Axis, DEFAULTS } from './config/keys.ts'
export { createRuntime, type RuntimeOptions } from './create.ts'
export { type Diagnosis, diagnose } from './doctor.ts'
export type { DriverModule, Drivers } from './drivers/registry.ts'
export { failedExec } from './exec/failed.ts'
export type { ExecRequest } from './exec/request.ts'
export { explainInput } from './run/explain.ts'
export type { ContainerPlan } from './run/plan.ts'
export type { RunRequest } from './run/request.ts'
export { type ExecHandlers, type Handlers, Runtime, requireRoot } from './runtime.ts'
export {
  checkStopSignal,
  parseEnvFile,
  parseLabelFile,
  parseLabels,
  parseStopTimeout,
  type SpecFlags,
} from './spec/index.ts'
export type { Container } from './store/containers.ts'
export type { ContainerRecord } from './store/record.ts'
export type { ContainerState } from './store/state.ts'
