import { readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { type OciDevice, type OciDeviceRule, RtError } from '@rt/driver-api'
import { type LimitHost, thisMachine } from './limit-host.ts'

export interface AskedDevices {
  readonly nodes: readonly OciDevice[]
  readonly rules: readonly OciDeviceRule[]
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
