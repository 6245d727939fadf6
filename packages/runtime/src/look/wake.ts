/** setTimeout's longest. */
const LONGEST = 2 ** 31 - 1

export interface WakeUp {
  passed(): boolean
  cancel(): void
}

/** Calls `wake` at a time, nanoseconds since the epoch; at once where it is over. */
export const wakeAt = (nanoseconds: bigint, wake: () => void): WakeUp => {
  const at = Number(nanoseconds / 1_000_000n)
  let timer: NodeJS.Timeout
  const arm = (): void => {
    const left = at - Date.now()
    timer = setTimeout(left > LONGEST ? arm : wake, Math.min(Math.max(left + 1, 0), LONGEST))
  }
  arm()
  return { passed: () => Date.now() > at, cancel: () => clearTimeout(timer) }
}
