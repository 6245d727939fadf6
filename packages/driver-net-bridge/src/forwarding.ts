import { dirname } from 'node:path'
import type { HostStep } from '@rt/driver-api'

export const FORWARDING_KEY = 'net.ipv4.ip_forward'
export const FORWARDING6_KEY = 'net.ipv6.conf.all.forwarding'
export const acceptRaKey = (link: string): string => `net.ipv6.conf.${link.replaceAll('.', '/')}.accept_ra`

/** What the host did before rt changed it: kept in a file until a reset puts it back. */
export interface Forwarding6Before {
  /** Interfaces that believed router advertisements as hosts do, and would not as routers. */
  readonly acceptRa: readonly string[]
}

export interface Forwarding {
  /** Whether the host forwards IPv4, and where it is kept that it did not. */
  readonly forwarding: boolean
  readonly forwardingFile: string
}

export interface Forwarding6 {
  readonly forwarding6File: string
  readonly before: Forwarding6Before
}

/** Empty where the host forwards already. */
export const forwardingSteps = ({ forwarding, forwardingFile }: Forwarding): readonly HostStep[] =>
  forwarding
    ? []
    : [
        ...rememberSteps(forwardingFile, '0\n'),
        {
          where: 'host',
          op: 'sysctl',
          key: FORWARDING_KEY,
          value: '1',
          why: 'Makes the host a router: it passes packets on between the bridge and its other interfaces.',
          see: 'Documentation/networking/ip-sysctl.rst',
          shared: true,
        },
      ]

/** `undefined`: the host forwards IPv6 already, or nobody needs it to. */
export const forwarding6Steps = (found: Forwarding6 | undefined): readonly HostStep[] =>
  found === undefined
    ? []
    : [
        ...rememberSteps(found.forwarding6File, `${JSON.stringify(found.before)}\n`),
        ...found.before.acceptRa.map(
          (link): HostStep => ({
            where: 'host',
            op: 'sysctl',
            key: acceptRaKey(link),
            value: '2',
            why: `The host goes on learning its routes by ${link} from router advertisements, which a router would ignore.`,
            see: 'Documentation/networking/ip-sysctl.rst',
            shared: true,
          }),
        ),
        {
          where: 'host',
          op: 'sysctl',
          key: FORWARDING6_KEY,
          value: '1',
          why: 'Makes the host an IPv6 router: it passes packets on between the bridge and its other interfaces.',
          see: 'Documentation/networking/ip-sysctl.rst',
          shared: true,
        },
      ]

const rememberSteps = (path: string, content: string): readonly HostStep[] => [
  {
    where: 'host',
    op: 'dir.make',
    path: dirname(path),
    mode: 0o700,
    why: 'What rt knows of this host for as long as it is up lies here.',
    shared: true,
  },
  {
    where: 'host',
    op: 'file.write',
    path,
    content,
    mode: 0o600,
    why: 'Remembers that this host did not forward packets, so that `rt system reset` can put it back.',
    shared: true,
  },
]
