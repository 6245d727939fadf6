import type { OciProcess, SandboxStep } from '@rt/driver-api'
import { oomSteps } from './kernel-settings.ts'
import type { Nofile } from './limits.ts'
import { chdirStep, processSteps, terminalStep } from './process.ts'

export interface EnterSurroundings {
  readonly devicesControlled: boolean
  /** struct sock_filter[] in base64; undefined: unconfined. */
  readonly filter?: string
  readonly nofile: Nofile
}

/** What a further program does once it is in all namespaces of a running container, in order. Pure. */
export function enterSteps(process: OciProcess, host: EnterSurroundings): SandboxStep[] {
  // As at the launch: a node of the host's disk opens for whoever may make it, unless a control group forbids that.
  const keep = host.devicesControlled
    ? process.capabilities
    : process.capabilities.filter((name) => name !== 'CAP_MKNOD')
  return [
    ...oomSteps(process),
    chdirStep(process.cwd),
    ...(process.terminal ? [terminalStep()] : []),
    ...processSteps(process, { keep, nofile: host.nofile, filter: host.filter }),
  ]
}
