import { defineConfig } from 'vitest/config'

/** A machine that is so many times slower than usual may take so many times longer: see test-world's `patience`. */
const timeout = 60_000 * Number(process.env.RT_TEST_SLOW ?? 1)

/** Shared by every package: tests run against the sources, one file at a time because they own namespaces and bridges. */
export default defineConfig({
  resolve: { conditions: ['@rt/source'] },
  ssr: { resolve: { conditions: ['@rt/source'], externalConditions: ['@rt/source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: timeout,
    hookTimeout: timeout,
  },
})
