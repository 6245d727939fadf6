import type { Firewall, FirewallBackend, FirewallContext } from './firewall.ts'
import { iptablesFirewall } from './iptables/index.ts'
import { nftablesFirewall } from './nftables/index.ts'

export const createFirewall = (backend: FirewallBackend, context: FirewallContext): Firewall =>
  backend === 'nftables' ? nftablesFirewall(context) : iptablesFirewall(context)
