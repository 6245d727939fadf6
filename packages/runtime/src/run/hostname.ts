import { shortId } from '@rt/driver-api'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { RunRequest } from '../request.ts'
import { checkHostname } from '../spec/index.ts'

/** In the host's network the container is the host, by name too, and in another container's that one. */
export const effectiveHostname = (
  request: RunRequest,
  identity: { readonly id: string },
  network: Pick<ResolvedNetwork, 'driverName' | 'joined'> | undefined,
): string =>
  request.hostname === undefined
    ? network?.joined
      ? network.joined.hostname
      : network?.driverName === 'host' || request.spec.uts === 'host'
        ? process.getBuiltinModule('node:os').hostname()
        : shortId(identity.id)
    : checkHostname(request.hostname)
