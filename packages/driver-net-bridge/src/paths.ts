import { join } from 'node:path'
import type { ContainerId } from '@rt/driver-api'

export const DRIVER_NAME = 'bridge'

/** Where a bridge keeps its leases, its published ports and what is known of it. */
export const bridgeDirectory = (runRoot: string, bridge: string): string => join(bridgesDirectory(runRoot), bridge)

export const bridgesDirectory = (runRoot: string): string => join(runRoot, 'net', DRIVER_NAME)

export const portsDirectory = (runRoot: string, bridge: string): string =>
  join(bridgeDirectory(runRoot, bridge), 'ports')

/** What a container has published on a bridge: `Published[]` as JSON. */
export const portsFile = (runRoot: string, bridge: string, id: ContainerId): string =>
  join(portsDirectory(runRoot, bridge), id)

/** What the host's settings were before rt changed them. Not names that a bridge can have: they have a dot. */
export const forwardingFile = (runRoot: string): string => join(bridgesDirectory(runRoot), 'ip_forward.before')
export const forwarding6File = (runRoot: string): string => join(bridgesDirectory(runRoot), 'ipv6_forwarding.before')
