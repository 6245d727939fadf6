import { mergeConfig } from 'vitest/config'
import base from '../../vitest.base.ts'

/** What takes minutes, and is run by a script of its own. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  { test: { include: ['test/slow/*.slow.ts'] } },
)
