import type { OciResources } from '@rt/driver-api'

/** What takes a limit back where the kernel has one already: leaving it out would leave it as it is. */
export const lifted = (before: OciResources = {}, now: OciResources = {}): OciResources => {
  const cpu = fill(before.cpu, now.cpu, { quota: -1, period: 100_000, shares: 1024 })
  const memory = fill(before.memory, now.memory, { limit: -1, swap: -1, reservation: -1 })
  const pids = now.pids ?? (before.pids && { limit: -1 })
  const blockIO = liftedRates(before.blockIO, now.blockIO)
  return {
    ...now,
    ...(cpu && { cpu }),
    ...(memory && { memory }),
    ...(pids && { pids }),
    ...(blockIO && { blockIO }),
  }
}

const fill = <T extends object>(before: T | undefined, now: T | undefined, unlimited: Partial<T>): T | undefined => {
  const gone = Object.entries(unlimited).filter(
    ([key]) => before?.[key as keyof T] !== undefined && now?.[key as keyof T] === undefined,
  )
  return gone.length === 0 ? now : ({ ...now, ...Object.fromEntries(gone) } as T)
}

type BlockIO = NonNullable<OciResources['blockIO']>
const RATES = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const

/** A rate of 0 is none. */
const liftedRates = (before: BlockIO = {}, now: BlockIO | undefined): BlockIO | undefined => {
  const rates = RATES.flatMap((key) => {
    const kept = now?.[key] ?? []
    const gone = (before[key] ?? []).filter(
      ({ major, minor }) => !kept.some((k) => k.major === major && k.minor === minor),
    )
    return gone.length === 0 ? [] : [[key, [...kept, ...gone.map((disk) => ({ ...disk, rate: 0 }))]] as const]
  })
  return rates.length === 0 ? now : { ...now, ...Object.fromEntries(rates) }
}
