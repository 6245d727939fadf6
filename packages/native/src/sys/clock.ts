import { syscall } from './libc.ts'

// Not `performance`: its first use loads ten modules of Node's, two milliseconds of a start.

/** Milliseconds of a clock that nobody sets, for measuring how long something takes. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

const CLOCK_REALTIME = 0
const clockGettime = syscall('clock_gettime', ['int', 'void *'])

/** Nanoseconds since the epoch. */
export const wallClock = (): bigint => {
  const time = new BigInt64Array(2)
  clockGettime(undefined, CLOCK_REALTIME, new Uint8Array(time.buffer))
  const [seconds = 0n, nanoseconds = 0n] = time
  return seconds * 1_000_000_000n + nanoseconds
}
