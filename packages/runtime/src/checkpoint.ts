/**
 * A test hook: with RT_TEST_STOP_AT=n rt kills itself at the n-th checkpoint of a start, or of a driver's installation, as a crash there would. Steps that Node performs
 * are checkpoints one by one; the tests count n up until a start survives.
 */
const stopAt = Number(process.env.RT_TEST_STOP_AT ?? Number.NaN)
let passed = 0

export const stopsForTest = !Number.isNaN(stopAt)

export const checkpoint = (): void => {
  passed++
  if (passed === stopAt) process.kill(process.pid, 'SIGKILL')
}

/** For the steps that the shim executes: the index of the one before which it has to stop, if of any. */
export const remainingCheckpoints = (): number | undefined => (stopsForTest ? stopAt - passed - 1 : undefined)
