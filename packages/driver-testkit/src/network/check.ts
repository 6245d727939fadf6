import type { NetworkCapabilities, NetworkDriver } from '@rt/driver-api'
import type { Check, Subject } from '../check.ts'
import type { NetworkBench } from './bench.ts'

export type NetworkSubject = Subject<NetworkDriver, NetworkCapabilities>
export type NetworkCheck = Check<NetworkBench, NetworkSubject>
