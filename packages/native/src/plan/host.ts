import type { HostStep } from '@rt/driver-api'
import { findProgram } from '../sys/program.ts'
import type { Arg, Instruction, Opcode } from './opcodes.ts'

/** undefined: an operation that only TypeScript can perform. */
export const compileHostStep = (step: HostStep): Instruction | undefined => {
  const of = (op: Opcode, ...args: readonly Arg[]): Instruction => ({ phase: 'host', op, args })
  switch (step.op) {
    case 'file.remove':
      return step.holding === undefined ? of('FILE_REMOVE', step.path) : of('FILE_REMOVE', step.path, step.holding)
    case 'dir.remove':
      return of('DIR_REMOVE', step.path, ...(step.full === 'stays' ? ['full'] : []))
    case 'tree.remove':
      return of('TREE_REMOVE', step.path, ...(step.unless === undefined ? [] : [step.unless]))
    case 'tree.copy':
      return of('TREE_COPY', step.from, step.to, ...(step.over === true ? ['over'] : []))
    case 'cgroup.kill':
      return of('CGROUP_KILL', step.path)
    case 'cgroup.remove':
      return of('CGROUP_REMOVE', step.path)
    case 'lines.remove':
      return of('LINES_REMOVE', step.directory, step.marker, step.lock)
    case 'exec': {
      if (step.when !== undefined || step.netns === true) return undefined
      const path = findProgram(step.argv[0])
      if (path === undefined) return undefined
      const mayFail = step.allowFailure === true ? 1 : 0
      return of('PROGRAM', path, step.lock ?? '', step.counts ?? 0, mayFail, step.stdin ?? '', ...step.argv)
    }
    default:
      return undefined
  }
}

export const canShimPerform = (step: HostStep): boolean => compileHostStep(step) !== undefined
