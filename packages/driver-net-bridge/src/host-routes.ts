import { RtError } from '@rt/driver-api'
import type { Subnet } from './address/subnet.ts'
import type { Subnet6 } from './address/subnet6.ts'
import { type BridgeSettings, called } from './settings.ts'

/** A range that the host reaches by some interface: from its routes and its interfaces' addresses. */
export interface HostRoute<S = Subnet> {
  readonly to: S
  /** undefined: a blackhole and the like. */
  readonly link: string | undefined
}

export interface HostRoutes {
  readonly v4: readonly HostRoute[]
  readonly v6: readonly HostRoute<Subnet6>[]
}

/** Neither the bridge's own, nor a default route, whole or in the two halves by which VPNs cover it: no claim on any range in particular. */
export const isClaim = (route: HostRoute<{ readonly prefix: number }>, bridge: string): boolean =>
  route.link !== bridge && route.to.prefix > 1

/** The refusal of a subnet, because the host routes `route` by `link` already. */
export const overlapping = (
  settings: Pick<BridgeSettings, 'bridge' | 'network'>,
  subnet: string,
  route: string,
  link: string | undefined,
): RtError =>
  new RtError(
    'RT_NET_SUBNET_OVERLAP',
    `The host already routes ${route}${via(link)}, which overlaps the subnet ${subnet} of ${called(settings)}.`,
    {
      remedy:
        settings.network === undefined
          ? 'Set network.bridge.subnet to a free one, or leave it out: rt then finds one.'
          : 'Choose another --subnet, or leave it out: rt then finds a free one.',
    },
  )

export const via = (link: string | undefined): string => (link === undefined ? '' : ` by ${link}`)
