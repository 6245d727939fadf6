import type { Layout } from '../layout.ts'
import { appendNetworkLine, type NetworkAction } from '../store/journal.ts'
import { networkId } from './look.ts'

/** @param container whose connection changes, by id */
export const appendNetworkEvent = (
  layout: Layout,
  action: NetworkAction,
  { name, id, driver }: { readonly name: string; readonly id?: string; readonly driver: string },
  container?: string,
): void =>
  appendNetworkLine(layout, action, {
    id: networkId(name, id),
    name,
    more: { type: driver, ...(container !== undefined && { container }) },
  })
