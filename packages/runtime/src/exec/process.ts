import type { OciProcess, OciSpec } from '@rt/driver-api'
import { type CallerEnv, containerEnv } from '../spec/env.ts'
import { ALL_CAPABILITIES, workingDirectory } from '../spec/index.ts'
import type { ExecRequest } from './request.ts'

/** The container's own process with another command: what the request leaves out is as the container has it. */
export const execProcess = (spec: OciSpec, request: ExecRequest, caller: CallerEnv): OciProcess => {
  const { process, hostname } = spec
  return {
    ...process,
    terminal: request.tty,
    args: request.command,
    env: containerEnv({
      hostname,
      terminal: request.tty,
      image: process.env,
      files: request.envFiles,
      flags: request.env,
      caller,
    }),
    ...(request.workdir !== undefined && { cwd: workingDirectory(request.workdir, process.cwd) }),
    ...(request.user !== undefined && { user: { username: request.user, additionalGids: [] } }),
    ...(request.privileged && { capabilities: ALL_CAPABILITIES, noNewPrivileges: false }),
  }
}

/** A system call filter leaves a privileged program without most of what its capabilities allow. */
export const execSpec = (spec: OciSpec, privileged: boolean): OciSpec => {
  if (!privileged) return spec
  const { seccomp: _, ...linux } = spec.linux
  return { ...spec, linux }
}
