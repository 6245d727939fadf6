import type { StorageCapabilities, StorageDriver } from '@rt/driver-api'
import type { Check, Subject } from '../check.ts'
import type { StorageBench } from './bench.ts'

export type StorageSubject = Subject<StorageDriver, StorageCapabilities>
export type StorageCheck = Check<StorageBench, StorageSubject>
