import { defineConfig } from 'vitest/config'

/** A machine that is so many times slower than usual may take so many times longer. */
const timeout = 60_000 * Number(process.env.RT_TEST_SLOW ?? 1)

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], fileParallelism: false, testTimeout: timeout, hookTimeout: timeout },
})
