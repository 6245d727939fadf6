import type { SandboxOperation } from '@rt/driver-api'
import { type ShellContext, tool } from './context.ts'
import { quote, quoteAll } from './quote.ts'

type Op<Name extends SandboxOperation['op']> = Extract<SandboxOperation, { op: Name }>

/** Or what is unmounted with the old root would be unmounted on the host, too. */
const CUT_KEPT = [`for mount in "\${kept[@]}"; do [ "$mount" = / ] || mount --make-rprivate "$mount"; done`]

export const rootLines = (step: Op<'root.set' | 'root.enter' | 'root.readonly'>, context: ShellContext): string[] => {
  if (step.op === 'root.set') return [`root=${quote(step.path)}`]
  if (step.op === 'root.readonly')
    return [tool(context, `mount -o remount,bind,ro ${context.root === '' ? '/' : context.root}`)]
  const cut = context.keeps ? CUT_KEPT : []
  // The new root is also the place for the old one: the old root then lies above the new one, and umount takes the upper.
  if (step.mode === 'pivot') return [...cut, 'cd "$toolbox"', 'pivot_root "$root" "$root"', 'tool umount -n -l /']
  return [
    ...cut,
    '# the chroot itself is done by unshare --root at the very end, because a shell cannot change its own root',
    '# rt also takes CAP_SYS_CHROOT, with which root could leave it; unshare needs that to the last, so here it stays',
    'cd "$root"',
    'mount --move . /',
  ]
}

export const processLines = (
  step: Op<
    | 'hostname'
    | 'terminal'
    | 'namespace.unshare'
    | 'process.reset'
    | 'process.capabilities'
    | 'process.user'
    | 'process.groups'
    | 'process.no_new_privs'
    | 'process.seccomp'
    | 'process.rlimit'
    | 'process.oom_score_adj'
    | 'process.init'
    | 'process.chdir'
    | 'process.exec'
  >,
  context: ShellContext,
): string[] => {
  switch (step.op) {
    case 'namespace.unshare':
      return [`# already made by the unshare command that runs this part: ${step.namespaces.join(', ')}`]
    case 'hostname':
      return [`printf '%s' ${quote(step.name)} >&7`]
    case 'terminal':
      return ['# no shell command: rt allocates a terminal inside the container; here it is the one you are at']
    case 'process.reset':
      return ['umask 022', limitLine('nofile', step.nofile, context)]
    case 'process.rlimit':
      return [limitLine(step.type.replace(/^RLIMIT_/, '').toLowerCase(), [step.soft, step.hard], context)]
    case 'process.oom_score_adj':
      return [`echo ${step.value} > /proc/self/oom_score_adj`]
    case 'process.init':
      return [
        '# This shell stays as process 1 and reaps; unlike rt it forwards no signals but those of the terminal.',
        'first=stays',
      ]
    case 'process.capabilities':
      return [`setpriv+=(--inh-caps=-all --bounding-set=${capabilitySet(step.keep)})`]
    case 'process.user':
      return userLines(step)
    case 'process.groups':
      return [`find_groups ${quoteAll(step.groups)}`]
    case 'process.no_new_privs':
      return ['setpriv+=(--no-new-privs)']
    case 'process.seccomp':
      return [`# no shell command: rt loads a seccomp filter (${oneLine(step.summary)})`]
    case 'process.chdir': {
      const path = `${context.root}${quote(step.path)}`
      return [`[ -d ${path} ] || ${tool(context, `mkdir -p -- ${path}`)}`, `directory=${quote(step.path)}`]
    }
    case 'process.exec':
      return execLines(step)
  }
}

const limitLine = (name: string, limit: readonly number[], context: ShellContext): string =>
  tool(context, `prlimit --pid $$ --${name}=${limit.map((value) => (value < 0 ? 'unlimited' : value)).join(':')}`)

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const capabilitySet = (keep: readonly string[]): string =>
  ['-all', ...keep.map((name) => `+${name.toLowerCase().replace(/^cap_/, '')}`)].join(',')

const userLines = ({ user, additionalGids }: Op<'process.user'>): string[] => {
  const [name = '', group = ''] = user.split(':')
  return [`find_user ${quoteAll([name, group, ...additionalGids.map(String)])}`]
}

/** `launch` is of the script's prelude: what it does depends on how the root was entered. */
const execLines = ({ argv, env }: Op<'process.exec'>): string[] => {
  const home = env.some((entry) => entry.startsWith('HOME=')) ? [] : ['"HOME=$home"']
  return ['launch \\', ...[...env.map(quote), ...home].map((entry) => `  ${entry} \\`), `  -- ${quoteAll(argv)}`]
}
