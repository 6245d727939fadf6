/** rt as a library: everything that the command line does, without its words. */
export { BUILD_NETWORKS, BUILDERS, type BuilderName, type BuildNetwork, type BuildRequest } from './build/request.ts'
export { axes, type Config, type Setting } from './config/config.ts'
export { AXES, type Axis, DEFAULTS } from './config/keys.ts'
export { createRuntime, type RuntimeOptions } from './create.ts'
export { currentDirectory } from './current-directory.ts'
export { type Diagnosis, diagnose } from './doctor.ts'
export { type DriverPackage, type InstalledDriver, readPackage } from './drivers/installed.ts'
export type { InspectedDriver, InspectedOption } from './drivers/manage/index.ts'
export { type Capabilities, type DriverModule, type Drivers, foreignModule } from './drivers/registry.ts'
export type { Outcome } from './each.ts'
export type {
  ContainerEvents,
  ContainerExit,
  ContainerHandle,
  Exit,
  Limits,
  ProgramOptions,
  RunningContainer,
  RunningProgram,
  RunOptions,
} from './embed/index.ts'
export { failedExec } from './exec/failed.ts'
export type { ExecRequest } from './exec/request.ts'
export type { CommitRequest, ContainerFiles, CopyRequest, CopySide, FileChange } from './files/index.ts'
export { formatTime } from './filters/times.ts'
export type { DetailedUsage, DiskUsage } from './images/disk-usage.ts'
export type { ExecHandlers, InPlace } from './in-place.ts'
export type { Pruned } from './lifecycle/prune.ts'
export { parseSignal } from './lifecycle/signals.ts'
export type { StartOptions } from './lifecycle/start.ts'
export type { StopOptions } from './lifecycle/stop.ts'
export type { ContainerUpdate } from './limits/update.ts'
export type { Event, EventOptions } from './look/events/index.ts'
export * from './look/index.ts'
export type { LogEntry, LogRange } from './look/logs/index.ts'
export type { PlanOfContainer } from './look/plan.ts'
export type { Filters, PsOptions } from './look/ps.ts'
export type { ContainerSize } from './look/size.ts'
export type { Stats } from './look/stats.ts'
export { isHostFile } from './names/host-files.ts'
export type {
  DrawnContainer,
  DrawnNetwork,
  InspectedNetwork,
  NetworkCreation,
  NetworkRecord,
  Networks,
  SeenNetwork,
  Topology,
} from './networks/index.ts'
export { portMap, portSummary } from './ports/shown.ts'
export { parsePublish } from './ports/wanted.ts'
export {
  CONTAINER_MODE,
  type LogOptions,
  type PullPolicy,
  type RestartPolicy,
  type RunRequest,
  type WantedNetwork,
} from './request.ts'
export { DEFAULT_DETACH_KEYS, parseDetachKeys } from './run/detach-keys.ts'
export { explainInput } from './run/explain.ts'
export type { Handlers } from './run/in-place.ts'
export { type ContainerPlan, type PerformedPlan, performedPlan } from './run/plan.ts'
export { requireRoot } from './runtime/require-root.ts'
export type { DriverChoice } from './runtime/start-input.ts'
export { Runtime } from './runtime.ts'
export { type LimitFlags, parseEnvFile, parseLabelFile, parseLabels, type SpecFlags } from './spec/index.ts'
export { parseBytes } from './spec/size.ts'
export type { Container } from './store/containers.ts'
export { plainName } from './store/find.ts'
export type { MountPoint } from './store/mount-point.ts'
export type { ConnectedNetwork, ContainerRecord } from './store/record.ts'
export type { ContainerState, Status } from './store/state.ts'
export type { Tell } from './tell.ts'
export type { PrunedVolumes, SeenVolume, VolumeCreation, VolumeRecord, Volumes, VolumesUsage } from './volumes/index.ts'
