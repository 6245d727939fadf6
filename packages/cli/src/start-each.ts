import { runAll } from '@rt/native'
import type { Runtime } from '@rt/runtime'
import { self } from './handlers.ts'
import { write } from './output.ts'

/** How many are set up at the same time: a start is mostly waiting for the kernel. */
const AT_ONCE = 8

/**
 * Starts several containers in the background. A start ends in becoming the shim, so each has a rt of its own, which also says what is to
 * be said: the names in the order in which they were given, and between them what is wrong with one. 1: one of them could not be started.
 */
export const startEach = async (rt: Runtime, names: readonly string[], { atOnce = AT_ONCE } = {}): Promise<number> => {
  const codes = await runAll(
    names.map((name) => [...self(rt, 'start'), '--', name]),
    atOnce,
    write,
  )
  return codes.every((code) => code === 0) ? 0 : 1
}
