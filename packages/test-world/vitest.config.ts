import { mergeConfig } from 'vitest/config'
import base from '../../vitest.base.ts'

/** One file at a time: some compare the machine before and after, on which another's worlds come and go. */
export default mergeConfig(base, { test: { fileParallelism: false } })
