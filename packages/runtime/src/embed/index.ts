/** For a process that goes on while its containers run. Loaded by whoever asks for one. */
export { type ContainerExit, ContainerHandle, type Exit } from './handle.ts'
export type { DriverChoice, Limits, RunOptions } from './options.ts'
export type { ProgramOptions, RunningProgram } from './program.ts'
export { runContainer } from './run.ts'
export { type ContainerEvents, RunningContainer } from './running.ts'
