import type { LinkOperation } from '@rt/driver-api'
import { NLM_F_CREATE, NLM_F_EXCL } from './constants.ts'

export interface RequestContext {
  /** The container's namespace, where a veth peer is born, or a link on a parent of this one. */
  readonly netns?: { readonly fd: number }
  /** The index of a link; asked only for the names of `indexedNames`. */
  index(name: string): number
}

export type Op<Name extends LinkOperation['op']> = Extract<LinkOperation, { op: Name }>

/** Of what must not be there yet. */
export const CREATE = NLM_F_CREATE | NLM_F_EXCL
