import { readFileSync } from 'node:fs'

const RTF_UP = 1
const RTF_REJECT = 0x200

/**
 * The link by which this thread's network namespace reaches the rest of the world: that of the IPv4 default route with the lowest
 * metric in the main table; undefined: there is none. From /proc/net/route (proc_pid_net(5)) and not by netlink, because
 * reading it does not wait for the kernel's network lock, which is busy for milliseconds after a container has ended.
 */
export const uplink = (): string | undefined => {
  let [best, lowest]: [string | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const line of readFileSync('/proc/thread-self/net/route', 'latin1').split('\n').slice(1)) {
    const [link, destination, , flags = '', , , metric, mask] = line.split('\t')
    if (destination !== '00000000' || mask !== '00000000') continue
    if ((Number.parseInt(flags, 16) & (RTF_UP | RTF_REJECT)) !== RTF_UP || Number(metric) >= lowest) continue
    best = link
    lowest = Number(metric)
  }
  return best
}
