import { RtError } from '@rt/driver-api'
import { type BridgeSettings, called } from './settings.ts'

export const noIpv6 = (settings: Pick<BridgeSettings, 'bridge' | 'network'>): RtError =>
  new RtError('RT_NET_NO_IPV6', `This kernel has IPv6 switched off, and ${called(settings)} is to have it.`, {
    remedy:
      settings.network === undefined
        ? 'Boot the kernel without ipv6.disable=1, or set network.bridge.ipv6 to false.'
        : 'Boot the kernel without ipv6.disable=1, or make the network without --ipv6.',
  })
