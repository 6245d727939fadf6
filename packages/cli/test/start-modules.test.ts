import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

/** A start ends by becoming the shim: what has been loaded by then is what is there when it opens the last of its files. */
const HOOK = `
  const fs = require('node:fs'), before = new Set(process.moduleLoadList), { openSync } = fs
  fs.openSync = (...words) => {
    fs.writeFileSync('/tmp/loaded', process.moduleLoadList.filter((name) => !before.has(name)).join())
    return openSync(...words)
  }`

describe.skipIf(cannotRun)('what a start costs beyond Node', () => {
  const rt = useRt()

  it('of the modules of Node that are not there anyway it loads node:vm alone', async () => {
    await rt().host.run(['tee', '/tmp/hook.cjs'], { input: HOOK })
    const words = ['run', '--rm', '--network=bridge', 'busybox', 'true']
    await rt().out(words, { env: { NODE_OPTIONS: '--require=/tmp/hook.cjs' } })
    expect(await rt().host.sh('cat /tmp/loaded')).toBe('NativeModule vm')
  })
})
