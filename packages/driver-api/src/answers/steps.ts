import type { HostStep, NetnsStep } from '../steps/host.ts'
import type { SandboxStep } from '../steps/sandbox.ts'

/** `path`: absolute. What is optional has a question mark. */
type Kind = 'text' | 'path' | 'number' | 'flag' | 'list' | 'numbers' | 'pair'
type Fields = Readonly<Record<string, Kind | `${Kind}?`>>

const LINK: Record<'link.add' | 'link.set' | 'link.del' | 'addr.add' | 'route.add' | 'sysctl', Fields> = {
  'link.add': { name: 'text', kind: 'text', mac: 'text?', mtu: 'number?', parent: 'text?', mode: 'text?' },
  'link.set': { name: 'text', up: 'flag?', master: 'text?', mtu: 'number?', mac: 'text?', alias: 'text?' },
  'link.del': { name: 'text' },
  'addr.add': { link: 'text', address: 'text' },
  'route.add': { to: 'text', link: 'text', via: 'text?', type: 'text?', metric: 'number?' },
  sysctl: { key: 'text', value: 'text' },
}

const HOST: Record<HostStep['op'], Fields> = {
  ...LINK,
  exec: {
    argv: 'list',
    stdin: 'text?',
    allowFailure: 'flag?',
    lock: 'path?',
    counts: 'number?',
    shell: 'list?',
    netns: 'flag?',
  },
  'helper.start': { argv: 'list' },
  'conntrack.flush': { protocol: 'text', ports: 'numbers', address: 'text?' },
  'link.await': { name: 'text' },
  'dir.make': { path: 'path', mode: 'number' },
  'file.write': { path: 'path', content: 'text', mode: 'number', exclusive: 'flag?' },
  'file.remove': { path: 'path', holding: 'text?' },
  'file.link': { path: 'path', to: 'text', symbolic: 'flag?' },
  'dir.remove': { path: 'path', full: 'text?' },
  'tree.remove': { path: 'path', unless: 'path?' },
  'tree.copy': { from: 'path', to: 'path', over: 'flag?' },
  'quota.limit': { paths: 'list', project: 'number', bytes: 'number' },
  'lines.make': { path: 'path', lock: 'path', head: 'text', from: 'list', links: 'list', own: 'flag?' },
  'lines.add': { directory: 'path', lock: 'path', lines: 'list', replaces: 'text?' },
  'lines.join': { path: 'path', link: 'path', from: 'path', lock: 'path' },
  'lines.part': { path: 'path', link: 'path', from: 'path', lock: 'path' },
  'lines.remove': { directory: 'path', lock: 'path', marker: 'text' },
  'cgroup.make': { path: 'path' },
  'cgroup.write': { path: 'path', value: 'text' },
  'cgroup.devices': { path: 'path', allow: 'list' },
  'cgroup.gather': { path: 'path', from: 'path' },
  'cgroup.freeze': { path: 'path', version: 'number', frozen: 'flag' },
  'cgroup.kill': { path: 'path' },
  'cgroup.remove': { path: 'path' },
}

const NETNS: Record<NetnsStep['op'], Fields> = LINK

const SANDBOX: Record<SandboxStep['op'], Fields> = {
  'namespace.unshare': { namespaces: 'list' },
  mount: {
    source: 'text',
    target: 'path',
    inside: 'flag',
    type: 'text?',
    flags: 'list',
    data: 'text?',
    create: 'text?',
    beneath: 'path?',
    kept: 'number?',
    from: 'path?',
  },
  'mount.keep': { source: 'path', kept: 'number' },
  'mounted.mkdir': { path: 'path', mode: 'number' },
  'root.set': { path: 'path' },
  'inside.mkdir': { path: 'path', mode: 'number' },
  'inside.symlink': { path: 'path', target: 'text' },
  'inside.mknod': { path: 'path', type: 'text', major: 'number', minor: 'number', mode: 'number' },
  'inside.fill': { path: 'path', into: 'path', lock: 'path', marker: 'path', once: 'path' },
  'inside.mask': { path: 'path' },
  'inside.readonly': { path: 'path' },
  'root.enter': { mode: 'text' },
  'root.readonly': {},
  hostname: { name: 'text' },
  terminal: {},
  'process.reset': { nofile: 'pair' },
  'process.capabilities': { keep: 'list' },
  'process.user': { user: 'text', additionalGids: 'numbers' },
  'process.groups': { groups: 'list' },
  'process.no_new_privs': {},
  'process.seccomp': { filter: 'text', summary: 'text' },
  'process.rlimit': { type: 'text', soft: 'number', hard: 'number' },
  'process.oom_score_adj': { value: 'number' },
  'inside.sysctl': { key: 'text', value: 'text' },
  'process.init': {},
  'process.chdir': { path: 'text' },
  'process.exec': { argv: 'list', env: 'list' },
}

const KNOWN: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  host: HOST,
  netns: NETNS,
  sandbox: SANDBOX,
}

export type Where = 'host' | 'netns' | 'sandbox'

/** What keeps a value from being a list of steps that run in one of these places, as the end of a sentence; undefined: nothing. */
export const stepsProblem = (value: unknown, name: string, places: readonly Where[]): string | undefined => {
  if (!Array.isArray(value)) return `${name} is no list of steps`
  for (const [index, step] of value.entries()) {
    const problem = stepProblem(step, places)
    if (problem !== undefined) return `${name}[${index}] ${problem}`
  }
  return undefined
}

const stepProblem = (step: unknown, places: readonly Where[]): string | undefined => {
  if (typeof step !== 'object' || step === null) return 'is no step'
  const fields = step as Record<string, unknown>
  const { where, op, why } = fields
  if (typeof where !== 'string' || !places.some((place) => place === where))
    return `runs in ${JSON.stringify(where)}, but only ${places.join(' or ')} is possible here`
  const known = KNOWN[where] ?? {}
  if (typeof op !== 'string' || !Object.hasOwn(known, op)) return `is ${JSON.stringify(op)}, which is no ${where} step`
  if (typeof why !== 'string' || why.trim() === '') return `(${op}) does not say why`
  for (const [field, kind] of Object.entries(known[op] ?? {})) {
    const problem = fieldProblem(fields[field], kind)
    if (problem !== undefined) return `(${op}) has a field ${field} that ${problem}`
  }
  return undefined
}

const fieldProblem = (value: unknown, kind: string): string | undefined => {
  if (kind.endsWith('?')) return value === undefined ? undefined : fieldProblem(value, kind.slice(0, -1))
  if (value === undefined) return 'is missing'
  switch (kind) {
    case 'path':
      return typeof value === 'string' && value.startsWith('/') && !value.split('/').includes('..')
        ? undefined
        : 'is no absolute path'
    case 'text':
      return typeof value === 'string' ? undefined : 'is no text'
    case 'number':
      return Number.isInteger(value) ? undefined : 'is no whole number'
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'is neither true nor false'
    case 'list':
      return Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'is no list of texts'
    default:
      return Array.isArray(value) && value.every((each) => Number.isInteger(each)) ? undefined : 'is no list of numbers'
  }
}
