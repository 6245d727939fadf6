import type { SandboxStep } from '@rt/driver-api'
import { encodePlan } from './encode.ts'
import { keysWord } from './keys.ts'
import type { Arg, Instruction, Opcode } from './opcodes.ts'
import { compileSandboxStep } from './sandbox.ts'

/** A further program for a container that runs. */
export interface EnterPlanInput {
  /** The container's first process; the descriptor that stands for it goes with the plan. */
  readonly pid: number
  readonly stdin: 'inherit' | 'null'
  /** Left to itself as soon as it runs. */
  readonly detach: boolean
  /** Bytes that, typed one after the other, leave it to itself; empty: none. Only with a terminal. */
  readonly detachKeys: Uint8Array
  /** As MonitorOptions.onFailure. */
  readonly onFailure: readonly string[]
  readonly sandbox: readonly SandboxStep[]
}

/** What `rt-shim exec` and its stage execute. */
export const compileEnterPlan = (input: EnterPlanInput): Uint8Array => {
  const option = (op: Opcode, ...args: readonly Arg[]): Instruction => ({ phase: 'monitor', op, args })
  return encodePlan([
    option('ENTER', input.pid, keysWord(input.detachKeys)),
    option('ON_FAILURE', ...input.onFailure),
    ...(input.stdin === 'null' ? [option('STDIN_NULL')] : []),
    ...(input.detach ? [option('DETACH')] : []),
    ...input.sandbox.map(compileSandboxStep),
  ])
}
