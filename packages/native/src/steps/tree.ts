import type { HostStep } from '@rt/driver-api'
import { performByShim } from '../shim/index.ts'

type TreeStep = HostStep & { readonly op: 'tree.copy' | 'tree.remove' }

/** By the shim: in C a tree is walked by directory fds, and thousands of files do not cross from one language to another. */
export const performTree = (step: TreeStep): void => performByShim([step])
