/** asm-generic/resource.h, by number; the same on all machines that rt knows. */
export const RESOURCES: readonly string[] = [
  'CPU',
  'FSIZE',
  'DATA',
  'STACK',
  'CORE',
  'RSS',
  'NPROC',
  'NOFILE',
  'MEMLOCK',
  'AS',
  'LOCKS',
  'SIGPENDING',
  'MSGQUEUE',
  'NICE',
  'RTPRIO',
  'RTTIME',
]

/** @throws RangeError for a name that is no resource limit */
export const resourceNumber = (type: string): number => {
  const number = RESOURCES.indexOf(type.replace(/^RLIMIT_/, ''))
  if (number < 0) throw new RangeError(`there is no resource limit ${type}`)
  return number
}

const RLIM_INFINITY = (1n << 64n) - 1n

/** -1: no limit. */
export const rlimit = (value: number): bigint => (value < 0 ? RLIM_INFINITY : BigInt(value))
