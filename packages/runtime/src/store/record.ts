import { readFileSync } from 'node:fs'
import type { ContainerId, NetworkAttachment, OciSpec } from '@rt/driver-api'
import type { RunRequest } from '../run/request.ts'
import { writeAtomically } from './files.ts'

/** What is known of a container for as long as it exists, running or not. */
export interface ContainerRecord {
  readonly version: 1
  readonly id: ContainerId
  readonly name: string
  /** ISO 8601, UTC */
  readonly created: string
  readonly image: { readonly id: string; readonly name: string }
  readonly drivers: { readonly isolation: string; readonly storage: string; readonly network: string }
  readonly autoRemove: boolean
  /** As it was asked for: `start` plans from it again. */
  readonly request: RunRequest
  readonly spec: OciSpec
  readonly network: NetworkAttachment
}

export const writeRecord = (path: string, record: ContainerRecord): void =>
  writeAtomically(path, JSON.stringify(record))

/** undefined: there is none, or a crash of the machine left half of one. */
export const readRecord = (path: string): ContainerRecord | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ContainerRecord
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
