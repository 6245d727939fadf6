import { type ContainerIdentity, type HostStep, type NetworkPlan, RtError, shortId } from '@rt/driver-api'
import { checkHostname } from '../spec/index.ts'
import { readIfThere } from '../store/files.ts'
import type { RunRequest } from './request.ts'

/** Files of the host that a container sees below /etc, by their names in the container's directory. */
export const HOST_FILES = ['hosts', 'hostname', 'resolv.conf'] as const

/** In the host's network the container is the host, by name too. */
export const effectiveHostname = (request: RunRequest, identity: { readonly id: string }, network: string): string =>
  request.hostname === undefined
    ? network === 'host'
      ? process.getBuiltinModule('node:os').hostname()
      : shortId(identity.id)
    : checkHostname(request.hostname)

const LOOPBACK = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`

/** Rare, so not imported: the module brings all of Node's sockets along. */
const isAddress = (text: string): boolean => process.getBuiltinModule('node:net').isIP(text) !== 0

/** `--dns` as given. @throws RtError RT_USAGE for what is no address: a resolver's name could not be resolved without one */
const checkNameServers = (servers: readonly string[]): void => {
  const wrong = servers.find((server) => !isAddress(server))
  if (wrong !== undefined)
    throw new RtError('RT_USAGE', `--dns "${wrong}" is not an address`, { remedy: 'Write --dns 192.0.2.53.' })
}

/** @throws RtError RT_USAGE for an entry that is not `NAME:ADDRESS` */
const extraHosts = (entries: readonly string[], gateway: string | undefined): string =>
  entries
    .map((entry) => {
      const colon = entry.indexOf(':')
      const [name, address] = [entry.slice(0, colon), entry.slice(colon + 1)]
      if (colon < 1 || address === '' || /\s/.test(entry))
        throw new RtError('RT_USAGE', `--add-host "${entry}" is not NAME:ADDRESS`)
      if (address !== 'host-gateway' && !isAddress(address))
        throw new RtError('RT_USAGE', `--add-host "${entry}": "${address}" is not an address`)
      if (address !== 'host-gateway') return `${address}\t${name}\n`
      if (gateway === undefined)
        throw new RtError('RT_USAGE', `--add-host "${entry}": this network has no gateway to the host`)
      return `${gateway}\t${name}\n`
    })
    .join('')

/** The steps that write /etc/hosts, /etc/hostname and /etc/resolv.conf for one container into its directory. */
export const hostFileSteps = (
  directory: string,
  identity: ContainerIdentity,
  request: RunRequest,
  network: NetworkPlan,
): HostStep[] => {
  const { interfaces, resolvConf } = network.attachment
  checkNameServers(request.dns)
  const gateway = interfaces.find((i) => i.gateway)?.gateway
  const own = interfaces
    .flatMap((i) => i.addresses)
    .filter((address) => !address.startsWith('127.') && !address.startsWith('::1'))
    .map((address) => `${address.split('/')[0]}\t${identity.hostname}\n`)
  const base = network.namespace === 'host' ? (readIfThere('/etc/hosts') ?? LOOPBACK) : LOOPBACK + own.join('')
  const dns = request.dns.map((server) => `nameserver ${server}\n`).join('')
  const content: Record<(typeof HOST_FILES)[number], [content: string, why: string]> = {
    hosts: [
      base + extraHosts(request.addHosts, gateway),
      'The container finds itself and the names given with --add-host without a name server.',
    ],
    hostname: [`${identity.hostname}\n`, 'Programs that read /etc/hostname see the name that the kernel has.'],
    'resolv.conf': [
      resolvConf ?? (dns || (readIfThere('/etc/resolv.conf') ?? '')),
      'Name servers that can be reached from inside.',
    ],
  }
  return HOST_FILES.map((name) => ({
    where: 'host',
    op: 'file.write',
    path: `${directory}/${name}`,
    content: content[name][0],
    mode: 0o644,
    why: content[name][1],
    see: name === 'resolv.conf' ? 'resolv.conf(5)' : `${name}(5)`,
  }))
}
