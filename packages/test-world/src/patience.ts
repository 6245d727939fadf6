/** How many times slower than usual this machine is: `RT_TEST_SLOW`, 1 by default; 10 where a processor is emulated. */
const SLOW = Number(process.env.RT_TEST_SLOW ?? 1)

/** Milliseconds that a test may wait for what a usual machine does within `ms`. */
export const patience = (ms: number): number => ms * SLOW
