import type { CgroupOperation, FileOperation, HostStep } from '@rt/driver-api'
import type { ShellContext } from './context.ts'
import { feed, octal, quote, quoteAll } from './quote.ts'

type ExecStep = HostStep & { readonly op: 'exec' }

export const execLines = (step: ExecStep, context: ShellContext): string[] => {
  const lines = step.shell === undefined ? programLines(step, context) : [...step.shell]
  if (step.when === undefined) return lines
  const test = 'exists' in step.when ? `[ -e ${quote(step.when.exists)} ]` : `[ ! -e ${quote(step.when.missing)} ]`
  return [`if ${test}; then`, ...lines, 'fi']
}

/** Descriptor 3, as the program gets it from rt. */
const netnsWord = ({ netns }: ShellContext): string => `3< /proc/${netns ?? 'self'}/ns/net`

const programLines = (step: ExecStep, context: ShellContext): string[] => {
  const words = `${quoteAll(step.argv)}${step.netns === true ? ` ${netnsWord(context)}` : ''}`
  const command = `${words}${step.allowFailure === true ? ' 2>/dev/null || true' : ''}`
  if (step.stdin === undefined) return [command]
  // In braces, or it would be `true` that is fed.
  return feed(step.allowFailure === true ? `{ ${command}; }` : command, step.stdin)
}

/** `$lifeline` is a FIFO that the script keeps open for writing as long as it lives: see LIFELINE in prelude.ts. */
export const helperLines = ({ argv }: HostStep & { readonly op: 'helper.start' }, context: ShellContext): string[] => [
  `mkfifo "$lifeline.ready"`,
  `${quoteAll(argv)} ${netnsWord(context)} 4< "$lifeline" 5> "$lifeline.ready" {alive}>&- &`,
  `read -r -n 1 _ < "$lifeline.ready"`,
  `rm "$lifeline.ready"`,
]

export const fileLines = (step: FileOperation): string[] => {
  switch (step.op) {
    case 'dir.make':
      return [`mkdir -p -m ${octal(step.mode)} -- ${quote(step.path)}`]
    case 'file.write':
      return writeLines(step)
    case 'file.link':
      return [`ln -f${step.symbolic ? 'sn' : ''} -- ${quoteAll([step.to, step.path])}`]
    case 'file.remove':
      return step.holding === undefined
        ? [`rm -f -- ${quote(step.path)}`]
        : [
            `[ "$(readlink -- ${quote(step.path)} || cat -- ${quote(step.path)} 2>/dev/null)" != ${quote(step.holding)} ] || rm -f -- ${quote(step.path)}`,
          ]
    case 'dir.remove':
      return [
        `[ ! -d ${quote(step.path)} ] || rmdir${step.full === 'stays' ? ' --ignore-fail-on-non-empty' : ''} -- ${quote(step.path)}`,
      ]
    case 'tree.remove': {
      const [first = '', ...more] = removeLines(step.path)
      return [step.unless === undefined ? first : `[ -e ${quote(step.unless)} ] || ${first}`, ...more]
    }
    case 'tree.copy':
      return step.over === true ? overLines(step.from, step.to) : [copyLine(step.from, step.to)]
  }
}

/** Not `rm --one-file-system`, to which a btrfs subvolume is another one. */
const removeLines = (path: string): string[] => {
  const mounted = ` ${path.replaceAll(' ', String.raw`\040`)}`
  return [
    `if grep -qF -e ${quote(`${mounted} `)} -e ${quote(`${mounted}/`)} /proc/self/mounts; then`,
    `  echo ${quote(`${path} is not removed: something is mounted there`)} >&2`,
    `else rm -rf -- ${quote(path)}; fi`,
  ]
}

const copyLine = (from: string, to: string, ...options: string[]): string =>
  ['cp --archive --reflink=auto --sparse=auto', ...options, '--', quote(`${from}/.`), quote(`${to}/`)].join(' ')

/** cp(1) knows nothing of whiteouts: first they take away what they mean, at last they go themselves. */
const overLines = (from: string, to: string): string[] => {
  const isWhiteout = `find . -type c -exec sh -c '[ "$(stat -c %t:%T -- "$1")" = 0:0 ]' _ {} \\;`
  return [
    `(cd ${quote(from)} && ${isWhiteout} -exec rm -rf -- ${quote(`${to}/{}`)} \\;)`,
    copyLine(from, to, '--remove-destination'),
    `(cd ${quote(to)} && ${isWhiteout} -delete)`,
  ]
}

const writeLines = (step: FileOperation & { readonly op: 'file.write' }): string[] => {
  const path = quote(step.path)
  // noclobber opens with O_EXCL, as rt does.
  const exclusive = step.exclusive === true ? '(set -o noclobber; cat > ' : 'cat > '
  return [
    ...feed(`${exclusive}${path}${step.exclusive === true ? ')' : ''}`, step.content),
    `chmod ${octal(step.mode)} ${path}`,
  ]
}

export const cgroupLines = (step: CgroupOperation): string[] => {
  const path = quote(step.path)
  switch (step.op) {
    case 'cgroup.make':
      return [`mkdir -p -- ${path}`]
    case 'cgroup.write':
      return [`echo ${quote(step.value)} > ${path}`]
    case 'cgroup.devices':
      return [
        `# no shell command: rt attaches a BPF_PROG_TYPE_CGROUP_DEVICE program to ${step.path} with bpf(2), which allows only`,
        ...step.allow.map((rule) => `#   ${rule}`),
      ]
    case 'cgroup.gather':
      return [
        'moved=yes',
        'while [ -n "$moved" ]; do',
        '  moved=',
        `  for pid in $(grep -vxFf ${quote(`${step.path}/cgroup.procs`)} ${quote(`${step.from}/cgroup.procs`)}); do`,
        `    moved=yes; echo "$pid" 2>/dev/null > ${quote(`${step.path}/cgroup.procs`)} || [ ! -d "/proc/$pid" ]`,
        '  done',
        'done',
      ]
    case 'cgroup.freeze':
      return freezeLines(step)
    case 'cgroup.kill':
      return [
        `while [ -s ${quote(`${step.path}/cgroup.procs`)} ] && kill -9 $(cat ${quote(`${step.path}/cgroup.procs`)}) 2>/dev/null; do sleep 0.01; done`,
      ]
    case 'cgroup.remove':
      // A cgroup stays busy for a moment after its last process has been reaped.
      return [`[ ! -d ${path} ] || rmdir -- ${path} 2>/dev/null || { sleep 0.2; rmdir -- ${path}; }`]
  }
}

const freezeLines = ({ path, version, frozen }: CgroupOperation & { readonly op: 'cgroup.freeze' }): string[] => {
  if (version === 1) {
    const file = quote(`${path}/freezer.state`)
    return frozen
      ? [`until echo FROZEN > ${file} && grep -qx FROZEN ${file}; do sleep 0.01; done`]
      : [`echo THAWED > ${file}`]
  }
  const write = `echo ${frozen ? 1 : 0} > ${quote(`${path}/cgroup.freeze`)}`
  return frozen ? [write, `until grep -qx 'frozen 1' ${quote(`${path}/cgroup.events`)}; do sleep 0.01; done`] : [write]
}

/** Debian's packages e2fsprogs and quota. */
export const quotaLines = ({ paths, project, bytes }: HostStep & { readonly op: 'quota.limit' }): string[] => [
  `chattr -p ${project} +P -- ${quoteAll(paths)}`,
  `setquota -P ${project} 0 ${Math.ceil(bytes / 1024)} 0 0 "$(findmnt -nro TARGET --target ${quote(paths[0] ?? '/')})"`,
]
