/** From flags and image config to the OCI runtime spec: pure functions, one file for each of Docker's rules. */
export { type BuiltSpec, buildSpec, workingDirectory } from './build.ts'
export { ALL_CAPABILITIES, DEFAULT_CAPABILITIES } from './capabilities.ts'
export { type CallerEnv, parseEnvFile } from './env.ts'
export { checkHostname } from './hostname.ts'
export type { ImageConfig, SpecFlags, SpecInput } from './input.ts'
export type { LimitFlags } from './limits.ts'
export type { HostFile } from './mounts.ts'
export { thermalThrottlePaths } from './paths.ts'
