import type { SandboxStep } from '@rt/driver-api'
import { sysctlPath } from '../sys/sysctl.ts'
import { capabilityMask, cloneFlags, mountFlags } from './flags.ts'
import type { Arg, Instruction, Opcode } from './opcodes.ts'
import { resourceNumber, rlimit } from './rlimits.ts'

/** One instruction a step, so that the index of a failed instruction is the index of its step. */
export const compileSandboxStep = (step: SandboxStep): Instruction => {
  const of = (op: Opcode, ...args: readonly Arg[]): Instruction => ({ phase: 'sandbox', op, args })
  switch (step.op) {
    case 'namespace.unshare':
      return of('UNSHARE', cloneFlags(step.namespaces))
    case 'mount':
      return of(
        'MOUNT',
        step.source,
        step.target,
        step.inside ? 1 : 0,
        step.type ?? '',
        mountFlags(step.flags),
        step.data ?? '',
        step.create ?? '',
        ...(step.beneath === undefined && step.kept === undefined && step.from === undefined
          ? []
          : [step.beneath ?? '', step.kept ?? '', step.from ?? '']),
      )
    case 'mounted.mkdir':
      return of('MOUNTED_MKDIR', step.path, step.mode)
    case 'mount.keep':
      return of('MOUNT_KEEP', step.source, step.kept)
    case 'inside.fill':
      return of('FILL', step.path, step.into, step.lock, step.marker, step.once)
    case 'root.set':
      return of('ROOT_SET', step.path)
    case 'inside.mkdir':
      return of('MKDIR', step.path, step.mode)
    case 'inside.symlink':
      return of('SYMLINK', step.path, step.target)
    case 'inside.mknod':
      return of('MKNOD', step.path, step.type, step.major, step.minor, step.mode)
    case 'inside.mask':
      return of('MASK', step.path)
    case 'inside.readonly':
      return of('READONLY', step.path)
    case 'root.enter':
      return of('ROOT_ENTER', step.mode)
    case 'root.readonly':
      return of('ROOT_READONLY')
    case 'hostname':
      return of('HOSTNAME', step.name)
    case 'terminal':
      return of('TERMINAL')
    case 'process.reset':
      return of('RESET', ...step.nofile.map(rlimit))
    case 'process.capabilities':
      return of('CAPABILITIES', capabilityMask(step.keep))
    case 'process.user':
      return of('USER', step.user, ...step.additionalGids)
    case 'process.groups':
      return of('GROUPS', ...step.groups)
    case 'process.no_new_privs':
      return of('NO_NEW_PRIVS')
    case 'process.seccomp':
      return of('SECCOMP', Buffer.from(step.filter, 'base64'))
    case 'process.rlimit':
      return of('RLIMIT', resourceNumber(step.type), rlimit(step.soft), rlimit(step.hard), step.type)
    case 'process.oom_score_adj':
      return of('OOM_SCORE_ADJ', step.value)
    case 'inside.sysctl':
      return of('SYSCTL', sysctlPath(step.key), step.value)
    case 'process.init':
      return of('INIT')
    case 'process.chdir':
      return of('CHDIR', step.path)
    case 'process.exec':
      return of('EXEC', step.argv.length, ...step.argv, ...step.env)
  }
}
