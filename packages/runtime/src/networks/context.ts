import type { Context } from '../store/context.ts'
import { resolveNetwork } from './resolve.ts'

/** @throws RtError RT_NET_UNKNOWN */
export const find = ({ layout, registry }: Context, name: string): ReturnType<typeof resolveNetwork> =>
  resolveNetwork(layout, registry, { name })
