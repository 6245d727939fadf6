import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type Netns, observeNetwork } from '@rt/native/look'
import type { MountFact, NetworkFacts } from './comparison.ts'

/** Whether each namespace of a process is the host's own, which is ours. */
export const namespacesOf = (pid: number): { type: string; shared: boolean }[] =>
  readdirSync('/proc/self/ns')
    .filter((type) => !type.endsWith('_for_children'))
    .map((type) => ({
      type,
      shared: readlinkSync(`/proc/${pid}/ns/${type}`) === readlinkSync(`/proc/self/ns/${type}`),
    }))

/** What a network namespace has; the host's own where undefined. Addresses that the kernel gives itself (fe80::) are left out. */
export const networkOf = (netns: Netns | undefined): NetworkFacts => {
  const host = observeNetwork()
  const { links, addresses, routes } = netns ? observeNetwork(netns.socket) : host
  return {
    interfaces: links.map(({ name, kind, up, parent, index, master }) => {
      // In the host's namespace the other end of a cable is a container's.
      const end =
        netns && parent !== undefined && parent !== index ? host.links.find((link) => link.index === parent) : undefined
      const pluggedInto = end?.master ?? master
      return {
        name,
        ...(kind !== undefined && { kind }),
        up,
        addresses: addresses.flatMap((each) =>
          each.link === name && !each.address.startsWith('fe80:') ? [each.address] : [],
        ),
        ...(end && { hostEnd: end.name }),
        ...(pluggedInto !== undefined && { pluggedInto }),
      }
    }),
    routes: routes
      .filter(({ table, to }) => table === 254 && !to.startsWith('fe80:'))
      .map(({ to, via, link }) => ({ to, ...(via !== undefined && { via }), ...(link !== undefined && { link }) })),
  }
}

interface Mount extends Omit<MountFact, 'of'> {
  readonly device: string
  /** What of the file system it shows. */
  readonly root: string
}

/** proc_pid_mountinfo(5) */
const readMounts = (pid: number | 'self'): Mount[] =>
  readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const words = line.split(' ')
      const type = words[words.indexOf('-') + 1] ?? ''
      return { device: words[2] ?? '', root: words[3] ?? '', target: unescaped(words[4] ?? ''), type }
    })

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** A mount is the container's own where its file system is, or where it shows the container's directory. */
export const mountsOf = (pid: number, id: string): MountFact[] => {
  const devices = new Set(readMounts('self').map(({ device }) => device))
  return readMounts(pid).map(({ target, type, device, root }) => ({
    target,
    type,
    of: devices.has(device) && !root.includes(id) ? 'host' : 'own',
  }))
}

/** Of the processes that it sees in its own /proc; undefined: it has none. */
export const processesSeen = (pid: number): number => countProcesses(`/proc/${pid}/root/proc`)

export const countProcesses = (proc: string): number => readdirSync(proc).filter((name) => /^\d+$/.test(name)).length

/** Of the process behind a container, shared pages in part: proc_pid_smaps(5), Pss. Bytes. */
export const monitorMemory = (pid: number): number | undefined => {
  const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (parent === undefined || Number(parent) <= 1) return undefined
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${parent}/smaps_rollup`, 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}
