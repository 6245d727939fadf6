import type { OciProcess, SandboxStep } from '@rt/driver-api'
import { initStep, limitSteps, raiseFailure } from './kernel-settings.ts'
import type { Nofile } from './limits.ts'

export interface ProcessRights {
  /** Capabilities, `CAP_*`. */
  readonly keep: readonly string[]
  readonly nofile: Nofile
  /** struct sock_filter[] in base64; undefined: unconfined. */
  readonly filter: string | undefined
  /** The program becomes the child of a first process that reaps. */
  readonly init?: boolean | undefined
}

/**
 * Turns the first process into the user's program, in an order where each step still has the rights that it needs:
 * installing a filter takes CAP_SYS_ADMIN, or no_new_privs, which must not be set unless asked for (setuid programs would stop working).
 */
export function processSteps(process: OciProcess, { keep, nofile, filter, init }: ProcessRights): SandboxStep[] {
  const seccomp = filter === undefined ? [] : [seccompStep(filter)]
  const steps: SandboxStep[] = [resetStep(nofile), ...limitSteps(process.rlimits)]
  if (!process.noNewPrivileges) steps.push(...seccomp)
  steps.push({
    where: 'sandbox',
    op: 'process.capabilities',
    keep,
    why: 'Root in a container keeps only the rights that ordinary services need; a dropped one cannot be won back, not even by a setuid program.',
    see: 'capabilities(7)',
  })
  steps.push(...groupsSteps(process), userStep(process))
  if (process.noNewPrivileges) {
    steps.push({
      where: 'sandbox',
      op: 'process.no_new_privs',
      why: 'It was asked that setuid programs give no rights in this container.',
      see: 'PR_SET_NO_NEW_PRIVS(2const)',
    })
    steps.push(...seccomp)
  }
  return [...steps, ...(init ? [initStep()] : []), execStep(process)]
}

/** As root and before the root may become read-only: Docker, too, makes a missing directory and enters one that the user may not. */
export const chdirStep = (path: string): SandboxStep => ({
  where: 'sandbox',
  op: 'process.chdir',
  path,
  why: 'The program starts in this directory, which is made where the image lacks it.',
  see: 'chdir(2)',
  failure: {
    ENOTDIR: {
      code: 'RT_USAGE',
      message: `The working directory ${path} is not a directory in the container.`,
      remedy: 'Give another one with -w.',
    },
  },
})

export const terminalStep = (): SandboxStep => ({
  where: 'sandbox',
  op: 'terminal',
  why: 'A terminal of its own gives the program line editing, job control and ^C.',
  see: 'pty(7)',
})

export const hostnameStep = (name: string): SandboxStep => ({
  where: 'sandbox',
  op: 'hostname',
  name,
  why: 'The UTS namespace has a host name of its own, which the shell prompt shows.',
  see: 'uts_namespaces(7)',
})

const resetStep = (nofile: Nofile): SandboxStep => ({
  where: 'sandbox',
  op: 'process.reset',
  nofile,
  why: 'Signal handling, limits and umask are inherited through exec, so what the runtime set for itself is put back.',
  see: 'execve(2)',
  failure: { EPERM: raiseFailure('nofile', nofile[1]) },
})

const seccompStep = (filter: string): SandboxStep => ({
  where: 'sandbox',
  op: 'process.seccomp',
  filter,
  summary: "Docker's default profile",
  why: 'All containers share one kernel, so the system calls that they do not need, and that past exploits used, are refused.',
  see: 'seccomp(2)',
  failure: {
    EINVAL: {
      code: 'RT_STEP_FAILED',
      message: 'The kernel does not accept the seccomp filter.',
      remedy: 'Boot a kernel that is built with CONFIG_SECCOMP_FILTER.',
    },
  },
})

function groupsSteps({ user: { additionalGroups: groups = [] } }: OciProcess): SandboxStep[] {
  if (groups.length === 0) return []
  const unknown = {
    code: 'RT_USER_UNKNOWN',
    message: `${groups.length > 1 ? 'One of the groups' : 'The group'} ${groups.join(', ')} is not in the container's group file.`,
    remedy: 'Give a number, or a name that the image knows.',
  }
  return [
    {
      where: 'sandbox',
      op: 'process.groups',
      groups,
      why: "It was asked that the program be in these groups, too, which are looked up in the container's own group file.",
      see: 'group(5)',
      failure: { ESRCH: unknown },
    },
  ]
}

function userStep(process: OciProcess): SandboxStep {
  const { username, additionalGids } = process.user
  const unknown = {
    code: 'RT_USER_UNKNOWN',
    message: `The user "${username}" is not in the container's passwd and group files.`,
    remedy: 'Give a number up to 2147483647, or a name that the image knows.',
  }
  return {
    where: 'sandbox',
    op: 'process.user',
    user: username === '' ? '0' : username,
    additionalGids,
    why:
      username === '' || username === '0' || username === 'root'
        ? "The program runs as the container's root, in the groups that its own /etc/group gives root."
        : `The program runs as ${username}, looked up in the container's own passwd file; leaving uid 0 also gives up its capabilities.`,
    see: 'credentials(7)',
    failure: { ENOENT: unknown, ESRCH: unknown },
  }
}

function execStep(process: OciProcess): SandboxStep {
  const name = process.args[0]
  const notFound = {
    code: 'RT_COMMAND_NOT_FOUND',
    message: `"${name}" was not found in the container.`,
    remedy: 'Check the name, the PATH and the image; a script also needs the interpreter that its first line names.',
  }
  const notExecutable = (reason: string) => ({
    code: 'RT_COMMAND_NOT_EXECUTABLE',
    message: `"${name}" cannot be executed: ${reason}.`,
    remedy: 'Check its mode, its architecture and that it is no directory.',
  })
  return {
    where: 'sandbox',
    op: 'process.exec',
    argv: process.args,
    env: process.env,
    why: 'The runtime becomes the program, which is then process 1 of the container.',
    see: 'execve(2)',
    failure: {
      ENOENT: notFound,
      EACCES: notExecutable('permission denied'),
      ENOEXEC: notExecutable('it is in no format that this kernel runs'),
      ENOTDIR: notExecutable('a part of its path is not a directory'),
      EISDIR: notExecutable('it is a directory'),
      ELOOP: notExecutable('too many symbolic links'),
    },
  }
}
