import { defineConfig } from 'vitest/config'

/** Shared by every package: tests run against the sources, one file at a time because they own namespaces and bridges. */
export default defineConfig({
  resolve: { conditions: ['@rt/source'] },
  ssr: { resolve: { conditions: ['@rt/source'], externalConditions: ['@rt/source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
