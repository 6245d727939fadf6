import { readFileSync } from 'node:fs'
import type { ContainerId, HostStep, NetnsStep, NetworkAttachment, OciSpec, PublishedPort } from '@rt/driver-api'
import type { RunRequest } from '../request.ts'
import { writeAtomically } from './files.ts'
import type { MountPoint } from './mount-point.ts'

/** A network that a container is connected to, or will be when it starts. */
export interface ConnectedNetwork {
  readonly name: string
  /** Of a network that the user defined; undefined: a driver's own. */
  readonly id?: string
  readonly driver: string
  readonly aliases: readonly string[]
  /** As asked for. */
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
  /** Of the last start. */
  readonly attachment: NetworkAttachment
  /** Takes it out of the running container; then come `leave`'s. undefined: its driver cannot. */
  readonly disconnect?: readonly (HostStep | NetnsStep)[]
  readonly leave?: readonly HostStep[]
}

/** What is known of a container for as long as it exists, running or not. */
export interface ContainerRecord {
  readonly version: 1
  readonly id: ContainerId
  readonly name: string
  /** ISO 8601, UTC */
  readonly created: string
  readonly image: { readonly id: string; readonly name: string }
  /** `network`: of the first of its networks. */
  readonly drivers: { readonly isolation: string; readonly storage: string; readonly network: string }
  readonly autoRemove: boolean
  /** As it was asked for: `start` plans from it again. */
  readonly request: RunRequest
  readonly spec: OciSpec
  /** The first is its way out. */
  readonly networks: readonly ConnectedNetwork[]
  /** What the user or the image mounts. */
  readonly mountPoints?: readonly MountPoint[]
  /** Of the host, in its last start. */
  readonly ports?: readonly PublishedPort[]
  /** Of the host, held as well, but since it left the network that they led through they lead nowhere. */
  readonly idlePorts?: readonly PublishedPort[]
  /** `80/tcp`: those that the image or the user names as in use inside. */
  readonly exposed?: readonly string[]
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
