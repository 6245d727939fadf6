import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { Reporter, TestCase } from 'vitest/node'

/** A machine that is so many times slower than usual may take so many times longer: see test-world's `patience`. */
const timeout = 60_000 * Number(process.env.RT_TEST_SLOW ?? 1)

/** Names each test that passed only at its second try, and why it did not at once: `.ci/run` repeats these lines at its end. */
const flaky: Reporter = {
  onTestCaseResult(test: TestCase) {
    if (!test.diagnostic()?.flaky) return
    for (const { message } of test.result().errors ?? [])
      console.log(`FLAKY ${test.fullName}: ${message.split('\n', 4).join(' ')}`)
  },
}

/**
 * Shared by every package: tests run against the sources, two files at a time. Each has namespaces and cgroups of its own, and waits so
 * much for processes that one alone leaves half of two processors idle.
 */
export default defineConfig({
  resolve: { conditions: ['@rt/source'] },
  ssr: { resolve: { conditions: ['@rt/source'], externalConditions: ['@rt/source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Programs of sources that a test starts, twenty at once some of them, need not all be stripped of their types and compiled.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled-for-tests') },
    testTimeout: timeout,
    hookTimeout: timeout,
    // A machine that stalls at the wrong moment must not hold up a change.
    retry: process.env.CI === undefined ? 0 : 1,
    reporters: ['default', flaky],
  },
})
