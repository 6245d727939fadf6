/** rt as a library: everything that the command line does, without its words. */
export { axes, type Config, type Setting } from './config/config.ts'
export { AXES, type Axis, DEFAULTS } from './config/keys.ts'
export { createRuntime, type RuntimeOptions } from './create.ts'
export { type Diagnosis, diagnose } from './doctor.ts'
export type { DriverModule, Drivers } from './drivers/registry.ts'
export { failedExec } from './exec/failed.ts'
export type { ExecRequest } from './exec/request.ts'
export type { Outcome } from './lifecycle/each.ts'
export type { Pruned } from './lifecycle/prune.ts'
export { parseSignal } from './lifecycle/signals.ts'
export type { StartOptions } from './lifecycle/start.ts'
export type { StopOptions } from './lifecycle/stop.ts'
export type { ContainerUpdate } from './limits/update.ts'
export { look } from './look/index.ts'
export type { LogEntry, LogRange } from './look/logs/index.ts'
export type { Filters, PsOptions } from './look/ps.ts'
export type { ContainerSize } from './look/size.ts'
export { formatTime } from './look/times.ts'
export { explainInput } from './run/explain.ts'
export type { ContainerPlan } from './run/plan.ts'
export type { LogOptions, RestartPolicy, RunRequest } from './run/request.ts'
export { type ExecHandlers, type Handlers, Runtime, requireRoot } from './runtime.ts'
export type { LimitFlags } from './spec/index.ts'
export {
  parseEnvFile,
  parseLabelFile,
  parseLabels,
  type SpecFlags,
} from './spec/index.ts'
export type { Container } from './store/containers.ts'
export type { ContainerRecord } from './store/record.ts'
export type { ContainerState, Status } from './store/state.ts'
