import { join } from 'node:path'
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
    // Programs of sources that a test starts, twenty at once some of them, need not all be stripped of their types and compiled.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled-for-tests') },
    testTimeout: timeout,
    hookTimeout: timeout,
  },
})
