import type { ContainerId, NetworkCapabilities, NetworkDefinition, NetworkDriver } from '@rt/driver-api'
import type { WantedNetwork } from '../request.ts'

/** What a container's network is: a driver's own, or one that the user defined. */
export interface ResolvedNetwork {
  readonly wish: WantedNetwork
  readonly name: string
  readonly driverName: string
  readonly driver: NetworkDriver
  readonly capabilities: NetworkCapabilities
  readonly definition?: NetworkDefinition
  /** The container whose network it is. */
  readonly joined?: JoinedContainer
}

/** A container whose network another one has, with all that belongs to it. */
export interface JoinedContainer {
  readonly id: ContainerId
  readonly name: string
  readonly hostname: string
  /** Its hosts, hostname and resolv.conf. */
  readonly files: readonly { readonly name: string; readonly source: string; readonly readonly: boolean }[]
}
