import type { IsolationCapabilities, IsolationDriver } from '@rt/driver-api'
import type { Check, Subject } from '../check.ts'
import type { IsolationBench } from './bench.ts'

export type IsolationSubject = Subject<IsolationDriver, IsolationCapabilities>
export type IsolationCheck = Check<IsolationBench, IsolationSubject>
