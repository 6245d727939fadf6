import { closeSync } from 'node:fs'
import type { HostStep } from '@rt/driver-api'
import { encodePlan } from '../plan/encode.ts'
import { compileHostStep } from '../plan/host.ts'
import { SyscallError } from '../sys/errno.ts'
import { shimPath } from '../sys/shim-path.ts'
import { memfd } from './memfd.ts'

/** A step that the shim could not perform: which, and why. */
export class ShimStepError extends SyscallError {
  readonly step: HostStep

  constructor(step: HostStep, errno: number, detail: string) {
    super(step.op, errno, detail)
    this.step = step
  }
}

/**
 * Has the shim perform steps while this process lives on: copying and removing trees, where C with descriptors is both safer and faster
 * than JavaScript with paths.
 *
 * @throws ShimStepError for the first step that fails; TypeError for one that is beyond the shim
 */
export const performByShim = (steps: readonly HostStep[]): void => {
  const instructions = steps.map((step) => {
    const instruction = compileHostStep(step)
    if (!instruction) throw new TypeError(`the shim cannot perform ${step.op}`)
    return instruction
  })
  const fd = memfd('rt-steps', encodePlan(instructions))
  try {
    // Loaded here, because few starts need a child process.
    const { spawnSync } = process.getBuiltinModule('node:child_process')
    const result = spawnSync(shimPath(), ['perform', '3'], {
      stdio: ['ignore', 'pipe', 'inherit', fd],
      encoding: 'utf8',
    })
    if (result.error) throw result.error
    if (result.status === 0) return
    const [, index, errno, detail] = /^(\d+) (\d+) ([\s\S]*)$/.exec(result.stdout) ?? []
    const step = steps[Number(index)]
    if (step === undefined) throw new Error(`rt-shim ended with status ${result.status ?? result.signal}`)
    throw new ShimStepError(step, Number(errno), detail ?? '')
  } finally {
    closeSync(fd)
  }
}
