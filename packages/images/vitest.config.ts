import { mergeConfig } from 'vitest/config'
import base from '../../vitest.base.ts'

/**
 * The store syncs what it writes, and so do podman and the registry: where others write at the same time each sync may take a tenth of a second
 * and more, and there are hundreds.
 */
const timeout = 3 * 60_000 * Number(process.env.RT_TEST_SLOW ?? 1)

export default mergeConfig(base, { test: { testTimeout: timeout, hookTimeout: timeout } })
