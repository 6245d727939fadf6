import type { HostStep, NetnsStep } from './host.ts'
import type { SandboxStep } from './sandbox.ts'

/** One privileged operation as data. The runtime performs it, records it, explains it and undoes it. */
export type Step = HostStep | NetnsStep | SandboxStep
