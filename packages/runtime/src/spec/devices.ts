import { lstatSync, readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { type OciDevice, type OciDeviceRule, RtError } from '@rt/driver-api'
import type { SpecFlags } from './input.ts'
import { type LimitHost, thisMachine } from './limit-host.ts'

export interface AskedDevices {
  readonly nodes: readonly OciDevice[]
  readonly rules: readonly OciDeviceRule[]
}

/** All that flags say of devices. @throws RtError RT_USAGE */
export function askedDevices(flags: Required<Pick<SpecFlags, 'devices' | 'deviceRules' | 'privileged'>>): AskedDevices {
  const { nodes, rules } = parseDevices(flags.devices)
  const more = flags.privileged ? EVERY_DEVICE : flags.deviceRules.flatMap(parseRule)
  return { nodes: flags.privileged ? [...everyNode('/dev', nodes), ...nodes] : nodes, rules: [...rules, ...more] }
}

/**
 * `--device HOST[:CONTAINER[:rwm]]`: the nodes, with the host's modes, and the rules that let them be used. A directory stands for all devices in it.
 * @throws RtError RT_USAGE for what is no device
 */
export function parseDevices(given: readonly string[], host: LimitHost = thisMachine): AskedDevices {
  const nodes = new Map<string, OciDevice>()
  const rules: OciDeviceRule[] = []
  for (const text of given) {
    const { source, target, access } = split(text)
    const found = devicesAt(source, target, host)
    if (found.length === 0) throw usage(text, `${source} is not a device.`)
    for (const node of found) {
      nodes.set(node.path, node)
      rules.push({ allow: true, type: node.type, major: node.major, minor: node.minor, access })
    }
  }
  return { nodes: [...nodes.values()], rules }
}

const usage = (text: string, problem: string): RtError =>
  new RtError('RT_USAGE', `--device ${text}: ${problem}`, { remedy: 'Write --device /dev/NAME[:/dev/NAME[:rwm]].' })

/** As Docker reads it: the second part may be the path inside or what may be done. */
function split(text: string): { source: string; target: string; access: string } {
  const [source = '', second, third, ...more] = text.split(':')
  const isAccess = (word: string): boolean => /^(?!.*(.).*\1)[rwm]+$/.test(word)
  if (more.length > 0) throw usage(text, 'there are too many colons.')
  const [target, access] =
    second !== undefined && third === undefined && isAccess(second)
      ? [source, second]
      : [second || source, third ?? 'rwm']
  if (!isAccess(access)) throw usage(text, `"${access}" is not made of r, w and m.`)
  for (const path of [source, target])
    if (!path.startsWith('/')) throw usage(text, `"${path}" is not an absolute path.`)
  return { source, target: posix.normalize(target), access }
}

function devicesAt(source: string, target: string, host: LimitHost): OciDevice[] {
  const node = host.device(source)
  if (node !== undefined) {
    const { type, major, minor, mode } = node
    return [{ path: target, type, major, minor, fileMode: mode }]
  }
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(source).flatMap((name) => devicesAt(`${source}/${name}`, `${target}/${name}`, host))
}

const EVERY_DEVICE: readonly OciDeviceRule[] = [
  { allow: true, type: 'c', major: -1, minor: -1, access: 'rwm' },
  { allow: true, type: 'b', major: -1, minor: -1, access: 'rwm' },
]

/** `--device-cgroup-rule`, Docker's form: `c 1:* rwm`; `a` stands for both kinds. @throws RtError RT_USAGE */
function parseRule(text: string): readonly OciDeviceRule[] {
  const [, type, major, minor, access] = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text) ?? []
  if (type === undefined || access === undefined)
    throw new RtError('RT_USAGE', `--device-cgroup-rule "${text}" is not a rule for devices.`, {
      remedy:
        'Write --device-cgroup-rule "c 42:* rwm": a, b or c, two numbers or *, and what of r, w and m is allowed.',
    })
  const number = (word: string | undefined): number => (word === undefined || word === '*' ? -1 : Number(word))
  const kinds = type === 'a' ? (['c', 'b'] as const) : [type as 'b' | 'c']
  return kinds.map((kind) => ({ allow: true, type: kind, major: number(major), minor: number(minor), access }))
}

/** What rt makes in every /dev itself, and what is not a device of the host's but of whoever looks. */
const NOT_COPIED = new Set(
  ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'console', 'pts', 'shm', 'mqueue'].map(
    (name) => `/dev/${name}`,
  ),
)

/** The host's devices at their own places, but for links and for what is asked for there by name. */
function everyNode(directory: string, given: readonly OciDevice[], host: LimitHost = thisMachine): OciDevice[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (NOT_COPIED.has(path) || given.some((node) => node.path === path)) return []
    if (entry.isDirectory()) return isMountPoint(path, directory) ? [] : everyNode(path, given, host)
    return entry.isCharacterDevice() || entry.isBlockDevice() ? devicesAt(path, path, host) : []
  })
}

/** hugetlbfs, a devpts and the like are no folders of devices. */
const isMountPoint = (path: string, parent: string): boolean => lstatSync(path).dev !== lstatSync(parent).dev
