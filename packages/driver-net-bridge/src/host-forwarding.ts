import type { Forwarding, Forwarding6 } from './forwarding.ts'
import { beforeForwarding6, isForwarding } from './observe.ts'
import { forwarding6File, forwardingFile } from './paths.ts'

/** Whether this host passes IPv4 packets on, and where it is noted that it did not. */
export const forwardingOf = (runRoot: string): Forwarding => ({
  forwarding: isForwarding(),
  forwardingFile: forwardingFile(runRoot),
})

/** undefined: the host passes IPv6 packets on already. */
export const forwarding6Of = (runRoot: string): Forwarding6 | undefined => {
  const before = beforeForwarding6()
  return before && { forwarding6File: forwarding6File(runRoot), before }
}
