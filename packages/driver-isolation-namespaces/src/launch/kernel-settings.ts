import type { OciProcess, OciRlimit, SandboxStep, StepFailure } from '@rt/driver-api'

/** What the kernel says to a root without CAP_SYS_RESOURCE, which many a virtual machine and every container has. */
export const raiseFailure = (name: string, hard: number): StepFailure => ({
  code: 'RT_STEP_FAILED',
  message: `The hard limit ${name}=${hard < 0 ? 'unlimited' : hard} is above this process's own, and it has no CAP_SYS_RESOURCE to raise it.`,
  remedy: `Give a lower one with --ulimit; \`ulimit -Ha\` shows the limits that rt was called with.`,
})

/** All but the limit of open files, which `process.reset` sets. While CAP_SYS_RESOURCE, where there is one, is still there. */
export const limitSteps = (limits: readonly OciRlimit[] = []): SandboxStep[] =>
  limits
    .filter(({ type }) => type !== 'RLIMIT_NOFILE')
    .map(({ type, soft, hard }) => {
      const name = type.replace('RLIMIT_', '').toLowerCase()
      return {
        where: 'sandbox',
        op: 'process.rlimit',
        type,
        soft,
        hard,
        why: `It was asked that ${name} be limited for each process of the container.`,
        see: 'getrlimit(2)',
        failure: { EPERM: raiseFailure(name, hard) },
      }
    })

/** The first step of all: /proc is the host's then, which nothing of the container's can stand in for. */
export const oomSteps = ({ oomScoreAdj }: Pick<OciProcess, 'oomScoreAdj'>): SandboxStep[] =>
  oomScoreAdj === undefined
    ? []
    : [
        {
          where: 'sandbox',
          op: 'process.oom_score_adj',
          value: oomScoreAdj,
          why: 'When memory runs out the kernel kills the process with the highest score, and this is added to it.',
          see: 'proc_pid_oom_score_adj(5)',
          failure: {
            EACCES: {
              code: 'RT_STEP_FAILED',
              message: `The OOM score ${oomScoreAdj} is below this process's own, and it has no CAP_SYS_RESOURCE to lower it.`,
              remedy: 'Give a higher one with --oom-score-adj; /proc/self/oom_score_adj shows the present one.',
            },
          },
        },
      ]

/** After /proc is mounted and before /proc/sys becomes read-only. */
export const sysctlSteps = (settings: Readonly<Record<string, string>> = {}): SandboxStep[] =>
  Object.entries(settings).map(([key, value]) => {
    const refused = (problem: string): StepFailure => ({
      code: 'RT_USAGE',
      message: `--sysctl ${key}=${value}: ${problem}.`,
      remedy: 'See `sysctl -a` for the keys and values that this kernel knows.',
    })
    return {
      where: 'sandbox',
      op: 'inside.sysctl',
      key,
      value,
      why: `It was asked that the container's namespaces have ${key}=${value}; /proc/sys is read-only afterwards.`,
      see: 'sysctl(8)',
      failure: {
        ENOENT: refused('this kernel has no such setting'),
        EINVAL: refused('the kernel does not accept the value'),
        ERANGE: refused('the kernel does not accept the value'),
        EACCES: refused('the kernel does not let it be written'),
        EPERM: refused('the kernel does not let it be written'),
      },
    }
  })

export const initStep = (): SandboxStep => ({
  where: 'sandbox',
  op: 'process.init',
  why: 'The first process gets every orphan of the container, and programs seldom wait for children that are not theirs: a small one stays that does.',
  see: 'pid_namespaces(7)',
})
