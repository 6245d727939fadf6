import type { HostStep, SandboxStep } from '@rt/driver-api'
import type { ShellContext } from './context.ts'
import type { ExplainInput } from './input.ts'
import { insideSteps, outsideOf } from './parts.ts'
import { FIND_GROUPS, FIND_USER, HOSTNAME_FILE, LAUNCH_CHROOT, LAUNCH_PIVOT, STATE, TOOLBOX } from './prelude.ts'
import { delimiter, quote } from './quote.ts'
import { type ExplainedStep, explainStep } from './step.ts'

/** What a sentence of a script is in the reader's language; itself where nobody has translated it. */
export type Say = (sentence: string) => string

/**
 * A commented bash script that does with iproute2, util-linux, coreutils and iptables what rt does with system calls. It
 * works when it is run as root; its exit status is the program's.
 *
 * @param say translates what is said in it
 */
export const toScript = (input: ExplainInput, say: Say = (sentence) => sentence): string => {
  const context = outsideOf(input)
  const sandbox = sandboxText(input.sandbox, context, say)
  const end = delimiter(sandbox, 'SANDBOX')
  return `${[
    '#!/usr/bin/env bash',
    comment(input.title),
    '#',
    comment(DIFFERENCES.map(say).join('\n')),
    'set -euo pipefail',
    '',
    `# ==== ${say(ON_HOST)} ====`,
    ...cleanUp(input.leave, context, say),
    ...(input.namespace === 'new' ? [comment(say(HOLDER_WHY)), ...HOLDER] : []),
    ...(input.host.some(({ op }) => op === 'helper.start') ? [comment(say(LIFELINE_WHY)), ...LIFELINE] : []),
    '',
    ...input.host.flatMap((step) => [paragraph(explainStep(step, context), say), '']),
    `# ==== ${say(INSIDE)} ====`,
    `IFS= read -r -d '' sandbox <<'${end}' || true`,
    sandbox,
    end,
    'toolbox=$(mktemp -d)',
    'status=0',
    '(',
    ...input.cgroups.map((path) => `  echo "$BASHPID" > ${quote(`${path}/cgroup.procs`)}`),
    `  exec ${launcher(input)} \\`,
    '    "$BASH" -euc "$sandbox" sandbox "$toolbox"',
    ') || status=$?',
    'exit "$status"',
  ].join('\n')}\n`
}

const ON_HOST = 'on the host'
const INSIDE = "inside the container's namespaces"
const DIFFERENCES = [
  'What a shell cannot do as rt does it:',
  "- seccomp filters, cgroup v2 device programs and a terminal of the container's own have no command; the steps say so.",
  '- rt resolves paths inside the container with openat2(RESOLVE_IN_ROOT), so that links of the image cannot lead out of it.',
  '  mount(8) and mkdir(1) follow such links on the host: use this script with images that you trust, on a host that you can lose.',
]

const HOLDER_WHY =
  'A network namespace lives as long as a process is in it: this one holds it until the container is there.'
const HOLDER = [
  'unshare --net sleep infinity &',
  'netns=$!',
  'until [ "$(readlink "/proc/$netns/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done',
]

const LIFELINE_WHY =
  'A helper reads the end of this file when the script, the only one that holds it open for writing, has ended.'
const LIFELINE = ['lifeline=$(mktemp -u)', 'mkfifo "$lifeline"', 'exec {alive}<> "$lifeline"']

/** Set before the first step, like the plan's `leave` on disk. */
const cleanUp = (leave: readonly HostStep[], context: ShellContext, say: Say): string[] => [
  'toolbox= netns= lifeline= alive=',
  'clean_up() {',
  '  set +e',
  '  [ -z "$netns" ] || { kill "$netns"; wait "$netns"; } 2>/dev/null',
  '  [ -z "$lifeline" ] || { exec {alive}>&-; rm -f "$lifeline" "$lifeline.ready"; }',
  '  [ -z "$toolbox" ] || rmdir "$toolbox"',
  ...leave.map((step) => paragraph(explainStep(step, context), say)),
  '}',
  'trap clean_up EXIT',
]

const sandboxText = (sandbox: readonly SandboxStep[], outside: ShellContext, say: Say): string => {
  const { steps, context } = insideSteps(sandbox, outside)
  const chroot = context.entered === 'chroot'
  const hostname = sandbox.some(({ op }) => op === 'hostname') ? [HOSTNAME_FILE] : []
  const groups = sandbox.some(({ op }) => op === 'process.groups') ? [FIND_GROUPS] : []
  const find = [...groups, FIND_USER].map((text) => text.replaceAll('ROOT', chroot ? '.' : ''))
  const prelude = [TOOLBOX, STATE, ...hostname, ...find, chroot ? LAUNCH_CHROOT : LAUNCH_PIVOT]
  return [...prelude.map((text) => saidIn(text, say)), ...steps.map((step) => paragraph(step, say))].join('\n\n')
}

/** A piece of the script's own, whose comments stand alone on their lines. */
const saidIn = (text: string, say: Say): string =>
  text.replace(/^( *# )(.*)$/gm, (_, mark: string, sentence: string) => `${mark}${say(sentence)}`)

const NAMESPACE_OPTIONS: Readonly<Record<string, string>> = {
  pid: '--pid --fork --kill-child',
  mount: '--mount',
  uts: '--uts',
  ipc: '--ipc',
  cgroup: '--cgroup',
}

const launcher = (input: ExplainInput): string => {
  const options = input.newNamespaces.map((name) => NAMESPACE_OPTIONS[name]).filter((option) => option !== undefined)
  const holder = input.namespace === 'new' ? '$netns' : input.join
  const joins = [
    ...(holder === undefined ? [] : [`--net="/proc/${holder}/ns/net"`]),
    ...(input.joinPid === undefined ? [] : [`--pid="/proc/${input.joinPid}/ns/pid"`]),
  ]
  const enter = joins.length === 0 ? '' : `nsenter ${joins.join(' ')} `
  const keeps = input.sandbox.some(({ op }) => op === 'mount.keep') ? ' --propagation unchanged' : ''
  return `${enter}unshare ${options.join(' ')}${keeps}`
}

const paragraph = ({ why, see, commands }: ExplainedStep, say: Say): string => {
  // Where no command exists, the first lines say so. Further down a `#` may be a file's own.
  const first = commands.findIndex((line) => !line.startsWith('# '))
  const lines = commands.map((line, index) => (index < first || first < 0 ? saidIn(line, say) : line))
  return [comment(say(why)), comment(say(`See ${see}.`)), ...lines].join('\n')
}

const comment = (text: string): string =>
  text
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n')
