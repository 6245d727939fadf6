import type { Firewall } from '../firewall/firewall.ts'
import type { BridgeOptions } from '../options.ts'

/** What `upkeep` works with. */
export interface BridgeDriver {
  readonly runRoot: string
  readonly options: BridgeOptions
  readonly firewall: Firewall
}
