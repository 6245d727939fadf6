import type { CgroupHost } from './host.ts'

export interface ProcessUsage {
  readonly cpuNanoseconds: number
  readonly memoryBytes: number
  readonly threads: number
  readonly readBytes: number
  readonly writeBytes: number
}

/** USER_HZ, which is 100 on every architecture that Linux shows to user space. */
const TICK_NANOSECONDS = 10_000_000

/**
 * The sum over living processes. CPU time includes that of children that have ended and were waited for; what they read and wrote before is
 * lost with them. Memory is proportional (PSS): pages that two of them share are counted once.
 */
export function sumOfProcesses(pids: readonly number[], host: CgroupHost): ProcessUsage {
  let [cpuNanoseconds, memoryBytes, threads, readBytes, writeBytes] = [0, 0, 0, 0, 0]
  for (const pid of pids) {
    const stat = host.read(`/proc/${pid}/stat`)
    if (stat === undefined) continue
    // proc_pid_stat(5); the name in field 2 may hold blanks and brackets. `fields[0]` is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const field = (index: number): number => Number(fields[index - 3])
    cpuNanoseconds += (field(14) + field(15) + field(16) + field(17)) * TICK_NANOSECONDS
    threads += field(20)
    memoryBytes += value(host.read(`/proc/${pid}/smaps_rollup`), /^Pss:\s+(\d+) kB$/m) * 1024
    const io = host.read(`/proc/${pid}/io`)
    readBytes += value(io, /^read_bytes: (\d+)$/m)
    writeBytes += value(io, /^write_bytes: (\d+)$/m)
  }
  return { cpuNanoseconds, memoryBytes, threads, readBytes, writeBytes }
}

const value = (text: string | undefined, pattern: RegExp): number => Number(pattern.exec(text ?? '')?.[1] ?? 0)
