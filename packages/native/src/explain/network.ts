import type { HostStep, LinkOperation, NetWhere } from '@rt/driver-api'
import { sysctlPath } from '../sys/sysctl.ts'
import type { ShellContext } from './context.ts'
import { quote } from './quote.ts'

type At<Operation> = Operation & { readonly where: NetWhere }

export const linkLines = (step: At<LinkOperation>, context: ShellContext): string[] => {
  if (step.op === 'link.add' && 'parent' in step && step.where === 'netns') {
    // As steps/child-link.ts does it: older kernels look for its name in the host.
    const born = linkLine({ ...step, name: BORN }, context)
    return [born, within('netns', context, `ip link set ${BORN} name ${quote(step.name)}`)]
  }
  return [linkLine(step, context)]
}

const BORN = 'rt-new'

const linkLine = (step: At<LinkOperation>, context: ShellContext): string => {
  // The parent is a link of the host, wherever the child is born.
  const where = step.op === 'link.add' && 'parent' in step ? 'host' : step.where
  const line = within(where, context, `ip ${ipWords(step, context).join(' ')}`)
  const mayBeDone = step.op === 'link.del' || (step.op === 'route.add' && step.type === 'local')
  return mayBeDone ? `${line} 2>/dev/null || true` : line
}

export const sysctlLines = (step: At<{ key: string; value: string }>, context: ShellContext): string[] => {
  const write = `echo ${quote(step.value)} > ${quote(sysctlPath(step.key))}`
  return [step.where === 'netns' ? within('netns', context, `sh -c ${quote(write)}`) : write]
}

/** conntrack(8) fails where there is nothing to delete. Without an address it also deletes what only passes through this host. */
export const flushLines = (step: HostStep & { readonly op: 'conntrack.flush' }): string[] => {
  const { protocol, ports, address } = step
  const families = address === undefined ? ['ipv4', 'ipv6'] : [address.includes(':') ? 'ipv6' : 'ipv4']
  const destination = address === undefined || isUnspecified(address) ? '' : ` --orig-dst ${address}`
  return families.flatMap((family) =>
    ports.map(
      (port) =>
        `conntrack -D --family ${family} -p ${protocol} --orig-port-dst ${port}${destination} >/dev/null 2>&1 || true`,
    ),
  )
}

/** At most a second, as the step. */
export const awaitLines = (name: string): string[] => [
  `for _ in $(seq 100); do ip -o link show dev ${quote(name)} | grep -q ' state UP ' && break; sleep 0.01; done`,
]

const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::'

const within = (where: NetWhere, context: ShellContext, command: string): string =>
  where === 'netns' && context.netns !== undefined ? `nsenter --net=/proc/${context.netns}/ns/net ${command}` : command

const ipWords = (step: At<LinkOperation>, context: ShellContext): string[] => {
  switch (step.op) {
    case 'link.add': {
      const words = ['link', 'add', 'name', quote(step.name), ...shape(step), 'type', step.kind]
      if ('parent' in step) return childWords(step, context)
      if (step.kind !== 'veth') return words
      const place = step.where === 'host' && context.netns !== undefined ? ['netns', context.netns] : []
      return [...words, 'peer', 'name', quote(step.peer.name), ...shape(step.peer), ...place]
    }
    case 'link.set':
      return [
        ...['link', 'set', 'dev', quote(step.name), ...shape(step)],
        ...(step.alias === undefined ? [] : ['alias', quote(step.alias)]),
        ...(step.master === undefined ? [] : ['master', quote(step.master)]),
        ...(step.up === undefined ? [] : [step.up ? 'up' : 'down']),
        ...(step.hairpin === undefined ? [] : ['type', 'bridge_slave', 'hairpin', step.hairpin ? 'on' : 'off']),
      ]
    case 'link.del':
      return ['link', 'del', 'dev', quote(step.name)]
    case 'addr.add':
      return ['addr', 'replace', step.address, ...addressWords(step.address), 'dev', quote(step.link)]
    case 'route.add':
      return routeWords(step)
  }
}

/** A local route is appended: another link may have the same one. */
const routeWords = ({ to, via, link, type, metric }: At<Extract<LinkOperation, { op: 'route.add' }>>): string[] => [
  ...['route', ...(type === 'local' ? ['append', 'local'] : ['add']), to],
  ...(via === undefined ? [] : ['via', via]),
  ...['dev', quote(link)],
  ...(type === 'local' ? ['table', 'local'] : []),
  ...(metric === undefined ? [] : ['metric', String(metric)]),
]

const childWords = (
  step: At<Extract<LinkOperation, { op: 'link.add'; parent: string }>>,
  { netns }: ShellContext,
): string[] => [
  ...['link', 'add', 'link', quote(step.parent), 'name', quote(step.name), ...shape(step)],
  ...(step.where === 'netns' && netns !== undefined ? ['netns', netns] : []),
  ...['type', step.kind, 'mode', step.mode],
]

const shape = ({ mac, mtu }: { mac?: string; mtu?: number }): string[] => [
  ...(mac === undefined ? [] : ['address', mac]),
  ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
]

/** As the step is performed: a broadcast address for IPv4, no duplicate address detection for IPv6. */
const addressWords = (address: string): string[] => {
  if (address.includes(':')) return ['nodad']
  return Number(address.split('/')[1] ?? 32) < 31 ? ['broadcast', '+'] : []
}
