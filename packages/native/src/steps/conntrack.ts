import type { HostStep } from '@rt/driver-api'
import { flushConntrack } from '../netlink/conntrack.ts'

export const performFlush = ({ protocol, ports, address }: HostStep & { readonly op: 'conntrack.flush' }): void => {
  flushConntrack(address === undefined ? { protocol, ports } : { protocol, ports, address })
}
