import { readFileSync, statSync } from 'node:fs'
import { listNumbers } from './limit-values.ts'

export interface DeviceNode {
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
  /** Permission bits. */
  readonly mode: number
}

/** What limits are checked against. */
export interface LimitHost {
  onlineCpus(): readonly number[]
  onlineNodes(): readonly number[]
  /** undefined: the path is no device node of this machine. */
  device(path: string): DeviceNode | undefined
}

export const thisMachine: LimitHost = {
  onlineCpus: () => online('cpu'),
  onlineNodes: () => online('node'),
  device(path) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined || !(stat.isBlockDevice() || stat.isCharacterDevice())) return undefined
    return { type: stat.isBlockDevice() ? 'b' : 'c', ...numbers(stat.rdev), mode: stat.mode & 0o777 }
  },
}

/** A kernel without NUMA shows no nodes; it has one. */
function online(kind: 'cpu' | 'node'): readonly number[] {
  try {
    return listNumbers(readFileSync(`/sys/devices/system/${kind}/online`, 'latin1').trim()) ?? [0]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [0]
    throw error
  }
}

/** As glibc's major() and minor() split a dev_t: twelve bits of minor and twelve of major below, the rest above. */
const numbers = (dev: number): { major: number; minor: number } => {
  const bits = BigInt(dev)
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & ~0xffn)),
  }
}
