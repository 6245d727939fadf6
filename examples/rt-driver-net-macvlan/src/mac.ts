import { randomBytes } from 'node:crypto'

/**
 * Locally administered, and of nobody before: the kernel takes a namespace apart some time after its last process has ended, and until then
 * nobody else on the parent may have the MAC that is in it. Neighbours learn of the new one by `arp_notify`.
 */
export const newMac = (): string => ['02', '42', ...(randomBytes(4).toString('hex').match(/../g) ?? [])].join(':')
