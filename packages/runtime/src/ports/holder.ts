import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { listIfThere, readIfThere } from '../store/files.ts'
import { liveContainers } from '../store/reconcile.ts'
import { readRecord } from '../store/record.ts'

type Protocol = 'tcp' | 'udp'

/** Who has a port of the host, in words; undefined: nobody who can be seen. `self` is the container that wants it. */
export const holderOf = (
  layout: Layout,
  self: ContainerId,
  protocol: Protocol,
  address: string,
  port: number,
): string | undefined => containerWith(layout, self, protocol, address, port) ?? programWith(protocol, address, port)

/** Sockets that do not listen are in no list of the kernel's: rt's own it knows from its records. */
const containerWith = (
  layout: Layout,
  self: ContainerId,
  protocol: Protocol,
  address: string,
  port: number,
): string | undefined => {
  for (const id of liveContainers(layout)) {
    // Its record tells of the ports of its last start.
    if (id === self) continue
    const record = readRecord(layout.record(id))
    const conflicts = [...(record?.ports ?? []), ...(record?.idlePorts ?? [])].some(
      (other) => other.protocol === protocol && other.hostPort === port && overlap(other.hostAddress, address),
    )
    if (record && conflicts) return `the container ${record.name}`
  }
  return undefined
}

const ANY = ['0.0.0.0', '::']

const overlap = (a: string, b: string): boolean =>
  a.includes(':') === b.includes(':') && (a === b || ANY.includes(a) || ANY.includes(b))

const programWith = (protocol: Protocol, address: string, port: number): string | undefined => {
  const v6 = address.includes(':')
  // A socket of IPv6 that is not for IPv6 alone has the port of IPv4 as well.
  const tables = v6 ? [`${protocol}6`] : [protocol, `${protocol}6`]
  const inodes = tables.flatMap((table) => socketsAt(table, port))
  const program = inodes.length === 0 ? undefined : processWith(new Set(inodes.map((inode) => `socket:[${inode}]`)))
  return program ?? (inodes.length === 0 ? undefined : 'a process that cannot be seen from here')
}

const LISTEN = '0A'

/** Inodes of the sockets that have a port, of /proc/net/{tcp,tcp6,udp,udp6}: proc(5). */
const socketsAt = (table: string, port: number): string[] =>
  (readIfThere(`/proc/net/${table}`) ?? '').split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = '0'] = line.trim().split(/\s+/)
    const matches = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port
    // Of a connection only its server is of interest; UDP has no state that tells.
    return matches && inode !== '0' && (state === LISTEN || table.startsWith('udp')) ? [inode] : []
  })

const processWith = (links: ReadonlySet<string>): string | undefined => {
  for (const pid of listIfThere('/proc').filter((name) => /^\d+$/.test(name)))
    if (hasOneOf(pid, links)) return `${programName(pid)} (process ${pid})`
  return undefined
}

/** A process may end while it is looked at. */
const gone = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')

const hasOneOf = (pid: string, links: ReadonlySet<string>): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)))
  } catch (error) {
    if (gone(error)) return false
    throw error
  }
}

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (gone(error)) return ''
    throw error
  }
}

/** A process chooses its name itself, line breaks and all. */
const programName = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8')
      .trim()
      .replace(/[^\x20-\x7e]/g, '?')
  } catch (error) {
    if (gone(error)) return 'a program'
    throw error
  }
}
