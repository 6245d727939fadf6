import { type ContainerIdentity, type HostStep, type NetworkPlan, type OciMount, RtError } from '@rt/driver-api'
import { ipVersion } from '../ip-version.ts'
import type { RunRequest } from '../request.ts'
import { readIfThere } from '../store/files.ts'
import type { ContainerRecord } from '../store/record.ts'
import { addressesOf } from './networks.ts'

/** Files of the host that a container sees below /etc, by their names in the container's directory. */
export const HOST_FILES = ['hosts', 'hostname', 'resolv.conf'] as const

/** Whether a mount of a container's is one of them, and not the user's own at the same place. */
export const isHostFile = (
  { destination }: OciMount,
  { mountPoints = [] }: Pick<ContainerRecord, 'mountPoints'>,
): boolean =>
  HOST_FILES.some((name) => destination === `/etc/${name}`) &&
  !mountPoints.some((mount) => mount.destination === destination)

export const LOOPBACK = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`

/** `--dns` as given. @throws RtError RT_USAGE for what is no address: a resolver's name could not be resolved without one */
const checkNameServers = (servers: readonly string[]): void => {
  const wrong = servers.find((server) => ipVersion(server) === undefined)
  if (wrong !== undefined)
    throw new RtError('RT_USAGE', `--dns "${wrong}" is not an address`, { remedy: 'Write --dns 192.0.2.53.' })
}

/** `NAME:ADDRESS`, or with `=`, which Docker has for IPv6 addresses. @throws RtError RT_USAGE for an entry that is neither */
const extraHosts = (entries: readonly string[], gateway: string | undefined): string =>
  entries
    .map((entry) => {
      const [, name = '', text = ''] = /^([^:=]*)[:=](.*)$/s.exec(entry) ?? []
      const address = text.replace(/^\[(.*)\]$/, '$1')
      if (name === '' || address === '' || /\s/.test(entry))
        throw new RtError('RT_USAGE', `--add-host "${entry}" is not NAME:ADDRESS`)
      if (address !== 'host-gateway' && ipVersion(address) === undefined)
        throw new RtError('RT_USAGE', `--add-host "${entry}": "${address}" is not an address`)
      if (address !== 'host-gateway') return `${address}\t${name}\n`
      if (gateway === undefined)
        throw new RtError('RT_USAGE', `--add-host "${entry}": this network has no gateway to the host`)
      return `${gateway}\t${name}\n`
    })
    .join('')

/** The text of /etc/hosts for one container alone. @throws RtError RT_USAGE for `--add-host` */
export const ownHosts = (
  identity: ContainerIdentity,
  request: RunRequest,
  network: Pick<NetworkPlan, 'namespace' | 'attachment'>,
): string => {
  const { interfaces } = network.attachment
  const gateway = interfaces.find((i) => i.gateway)?.gateway
  const { domainname } = request.spec
  const whole = domainname === undefined ? '' : `${identity.hostname}.${domainname} `
  const own = addressesOf(interfaces).map((address) => `${address}\t${whole}${identity.hostname}\n`)
  const base = network.namespace === 'host' ? (readIfThere('/etc/hosts') ?? LOOPBACK) : LOOPBACK + own.join('')
  return base + extraHosts(request.addHosts, gateway)
}

/** `--dns-search` and `--dns-option` in place of the lines that they are about (resolv.conf(5)). @throws RtError RT_USAGE */
const withDnsFlags = (text: string, { dnsSearch = [], dnsOptions = [] }: RunRequest): string => {
  if (dnsSearch.length === 0 && dnsOptions.length === 0) return text
  const wrong = [...dnsSearch, ...dnsOptions].find((word) => !/^[^\s#;]+$/.test(word))
  if (wrong !== undefined)
    throw new RtError('RT_USAGE', `"${wrong}" is neither a domain nor an option of a resolver`, {
      remedy: 'Write --dns-search example.org and --dns-option ndots:2, each flag once for each of them.',
    })
  const replaced = [
    ...(dnsSearch.length > 0 ? ['search', 'domain'] : []),
    ...(dnsOptions.length > 0 ? ['options'] : []),
  ]
  const kept = text
    .split('\n')
    .filter((line) => line !== '' && !replaced.includes(line.trim().split(/\s/)[0] as string))
  // As in Docker: a dot alone is no domain at all.
  const domains = dnsSearch.filter((domain) => domain !== '.')
  if (domains.length > 0) kept.push(`search ${domains.join(' ')}`)
  if (dnsOptions.length > 0) kept.push(`options ${dnsOptions.join(' ')}`)
  return `${kept.join('\n')}\n`
}

/** The steps that write /etc/hostname and /etc/resolv.conf for one container into its directory. */
export const hostFileSteps = (
  directory: string,
  identity: ContainerIdentity,
  request: RunRequest,
  network: NetworkPlan,
): HostStep[] => {
  checkNameServers(request.dns)
  const dns = request.dns.map((server) => `nameserver ${server}\n`).join('')
  const resolvConf = network.attachment.resolvConf ?? (dns || (readIfThere('/etc/resolv.conf') ?? ''))
  return [
    {
      where: 'host',
      op: 'file.write',
      path: `${directory}/hostname`,
      content: `${identity.hostname}\n`,
      mode: 0o644,
      why: 'Programs that read /etc/hostname see the name that the kernel has.',
      see: 'hostname(5)',
    },
    {
      where: 'host',
      op: 'file.write',
      path: `${directory}/resolv.conf`,
      content: withDnsFlags(resolvConf, request),
      mode: 0o644,
      why: 'Name servers that can be reached from inside.',
      see: 'resolv.conf(5)',
    },
  ]
}
