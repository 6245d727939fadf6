import { readFileSync } from 'node:fs'
import { type NetworkAttachment, type NetworkRequest, RtError } from '@rt/driver-api'
import type { Result, State } from './chain.ts'
import { DRIVER_NAME } from './plan.ts'

/** What the plugins made, as rt's words. `mtuOf` tells that of a link of the host. */
export const attachmentOf = (
  request: NetworkRequest,
  planned: NetworkAttachment,
  statePath: string,
  mtuOf: (link: string) => number | undefined = hostMtu,
): NetworkAttachment => {
  const { result } = JSON.parse(readFileSync(statePath, 'utf8')) as State
  if (result === undefined)
    throw new RtError('RT_CNI_RESULT', `The CNI plugins were asked for a network, and ${statePath} has no answer`, {
      remedy: 'Start the container again.',
    })
  return attachmentFrom(request, planned, result, mtuOf)
}

export const attachmentFrom = (
  { dns, interface: name = 'eth0' }: Pick<NetworkRequest, 'dns' | 'interface'>,
  planned: NetworkAttachment,
  { interfaces = [], ips = [], dns: answered }: Result,
  mtuOf: (link: string) => number | undefined,
): NetworkAttachment => {
  const inside = interfaces.findIndex((each) => each.sandbox && each.name === name)
  // An address without an interface is that of the only one that there is.
  const own = ips.filter((ip) => ip.interface === undefined || inside === -1 || ip.interface === inside)
  const cable = interfaces.find((each) => !each.sandbox && each.name.startsWith('veth'))?.name
  const gateway = own.find(({ address, gateway }) => gateway && !address.includes(':'))?.gateway
  const gateway6 = own.find(({ address, gateway }) => gateway && address.includes(':'))?.gateway
  const [fallback] = planned.interfaces
  return {
    driver: DRIVER_NAME,
    interfaces: [
      {
        name,
        mac: interfaces[inside]?.mac ?? fallback?.mac ?? '',
        mtu: interfaces[inside]?.mtu ?? (cable === undefined ? undefined : mtuOf(cable)) ?? fallback?.mtu ?? 1500,
        addresses: own.map(({ address }) => address),
        ...(gateway !== undefined && { gateway }),
        ...(gateway6 !== undefined && { gateway6 }),
        ...(cable !== undefined && { hostEnd: cable }),
      },
    ],
    ...(dns.length === 0 && resolvConf(answered)),
  }
}

/** resolv.conf(5). What names no server is no reason to leave the host's. */
const resolvConf = (dns: Result['dns'] = {}): { readonly resolvConf?: string } => {
  const { nameservers = [], domain, search = [], options = [] } = dns
  if (nameservers.length === 0) return {}
  const lines = [
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : domain ? [`search ${domain}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
  return { resolvConf: `${lines.join('\n')}\n` }
}

const hostMtu = (link: string): number | undefined => {
  try {
    return Number(readFileSync(`/sys/class/net/${link}/mtu`, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
