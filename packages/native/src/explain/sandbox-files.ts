import type { MountFlag, SandboxOperation } from '@rt/driver-api'
import { sysctlPath } from '../sys/sysctl.ts'
import { type ShellContext, tool } from './context.ts'
import { octal, quote } from './quote.ts'

type Op<Name extends SandboxOperation['op']> = Extract<SandboxOperation, { op: Name }>

/** A path of the container as a shell word. */
const insidePath = (path: string, { root }: ShellContext): string =>
  `${root}${quote(path.startsWith('/') ? path : `/${path}`)}`

export const mountLines = (step: Op<'mount'>, context: ShellContext): string[] => {
  const target = step.inside ? insidePath(step.target, context) : quote(step.target)
  const create =
    step.create === 'dir'
      ? [tool(context, `mkdir -p -- ${target}`)]
      : step.create === 'file'
        ? [`[ -e ${target} ] || { ${tool(context, `mkdir -p -- "$(dirname -- ${target})"`)}; : > ${target}; }`]
        : []
  if (context.keeps && !step.inside && step.target === '/' && step.flags.includes('private')) return cutOffBut()
  const mount = tool(context, `mount ${mountWords(step).join(' ')} ${target}`)
  if (step.from === undefined) return [...create, mount]
  // Newer versions of mount(8) use fsconfig(2), whose strings are shorter than a page.
  return [...create, `( cd ${quote(step.from)} && export LIBMOUNT_FORCE_MOUNT2=always && ${mount} )`]
}

export const mountedLines = ({ path, mode }: Op<'mounted.mkdir'>): string[] => [
  `mkdir -p -m ${octal(mode)} -- ${quote(path)}`,
]

/** A shell has no open_tree(2): it leaves the host's mount itself connected. Not that of `/`, or all that follows would be seen on the host. */
export const keepLines = ({ source }: Op<'mount.keep'>): string[] => [
  `kept+=("$(findmnt -nro TARGET --target ${quote(source)} | tail -n 1)")`,
]

const cutOffBut = (): string[] => [
  'findmnt -nro TARGET | while IFS= read -r point; do',
  '  keep=',
  `  for mount in "\${kept[@]}"; do`,
  '    [ "$mount" = / ] || case $point in "$mount" | "$mount"/*) keep=yes ;; esac',
  '  done',
  '  [ -n "$keep" ] || mount --make-private "$point"',
  'done',
]

export const fillLines = ({ path, into, once }: Op<'inside.fill'>, context: ShellContext): string[] => {
  const from = insidePath(path, context)
  return [
    `if [ ! -e ${quote(once)} ] && [ -d ${from} ] && [ -z "$(ls -A ${quote(into)})" ]; then`,
    `  cp --archive --reflink=auto --sparse=auto -- ${from}/. ${quote(`${into}/`)}`,
    'fi',
    `: > ${quote(once)}`,
  ]
}

const PROPAGATION: readonly MountFlag[] = ['private', 'slave', 'shared', 'unbindable']

/** Everything of the mount(8) command but its target. One mount(2) each, so that the shell does not do more than rt. */
const mountWords = ({ source: given, type, flags, data, beneath }: Op<'mount'>): string[] => {
  const source = beneath === undefined ? given : `${beneath}/${given}`
  const recursive = flags.includes('rec')
  const propagation = flags.find((flag) => PROPAGATION.includes(flag))
  if (propagation !== undefined) return [`--make-${recursive ? 'r' : ''}${propagation}`]
  const options = [...flags.filter((flag) => flag !== 'rec' && flag !== 'bind'), ...(data === undefined ? [] : [data])]
  const bind = flags.includes('bind')
  if (flags.includes('remount')) return ['-o', quote([...options, ...(bind ? ['bind'] : [])].join(','))]
  const how = options.length === 0 ? [] : ['-o', quote(options.join(','))]
  if (bind) return [recursive ? '--rbind' : '--bind', ...how, quote(source)]
  return [...(type === undefined ? [] : ['-t', quote(type)]), ...how, quote(source)]
}

export const insideLines = (
  step: Op<'inside.mkdir' | 'inside.symlink' | 'inside.mknod' | 'inside.mask' | 'inside.readonly' | 'inside.sysctl'>,
  context: ShellContext,
): string[] => {
  const path = insidePath(step.op === 'inside.sysctl' ? sysctlPath(step.key) : step.path, context)
  const run = (command: string) => tool(context, command)
  switch (step.op) {
    case 'inside.mkdir':
      return [run(`mkdir -p -m ${octal(step.mode)} -- ${path}`)]
    case 'inside.symlink':
      return [`[ -L ${path} ] || [ -e ${path} ] || ${run(`ln -s -- ${quote(step.target)} ${path}`)}`]
    case 'inside.mknod':
      return [run(`mknod -m ${octal(step.mode)} ${path} ${step.type} ${step.major} ${step.minor}`)]
    case 'inside.sysctl':
      return [`echo ${quote(step.value)} > ${path}`]
    case 'inside.mask':
      return [
        `if [ -d ${path} ]; then ${run(`mount -t tmpfs -o ro,nosuid,nodev,noexec tmpfs ${path}`)}`,
        `elif [ -e ${path} ]; then ${run(`mount --bind /dev/null ${path}`)}; fi`,
      ]
    case 'inside.readonly':
      return [
        `if [ -e ${path} ]; then ${run(`mount --rbind ${path} ${path}`)}; ${run(`mount -o remount,bind,ro ${path}`)}; fi`,
      ]
  }
}
