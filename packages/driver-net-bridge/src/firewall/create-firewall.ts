import type { Firewall, FirewallBackend, FirewallContext } from './firewall.ts'
import { iptablesFirewall } from './iptables/index.ts'

const BACKENDS: Readonly<Record<FirewallBackend, (context: FirewallContext) => Firewall>> = {
  iptables: iptablesFirewall,
  nftables: iptablesFirewall,
}

export const createFirewall = (backend: FirewallBackend, context: FirewallContext): Firewall =>
  BACKENDS[backend](context)
