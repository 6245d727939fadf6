import { defineConfig } from 'vitest/config'

/** A machine that is so many times slower than usual may take so many times longer: see test-world's `patience`. */
const timeout = 60_000 * Number(process.env.RT_TEST_SLOW ?? 1)

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
    testTimeout: timeout,
    hookTimeout: timeout,
  },
})
