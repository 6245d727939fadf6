/** For a process that goes on while its containers run. Loaded by whoever asks for one. */
export type { ContainerExit, Exit } from './exit.ts'
export { ContainerHandle } from './handle.ts'
export type { Limits, RunOptions } from './options.ts'
export type { ProgramOptions, RunningProgram } from './program.ts'
export { runContainer } from './run.ts'
export { type ContainerEvents, RunningContainer } from './running.ts'
