import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

const repository = join(import.meta.dirname, '../../..')
const example = (name: string): string => join(repository, 'examples', name)

describe.skipIf(cannotRun)('the examples of embedding', () => {
  const rt = useRt()

  const runs = async (...argv: string[]): Promise<string> => {
    // What stays of a first published port for all others.
    for (const _ of [1, 2]) await rt().out(['run', '--rm', '-p', '127.0.0.1::80', 'busybox', 'true'])
    await rt().settled()
    const before = await rt().world.snapshot()
    const { code, stdout, stderr } = await rt().host.run(argv, { timeout: 90_000 })
    expect({ code, stderr, ...(code !== 0 && { stdout }) }).toEqual({ code: 0, stderr: '' })
    await rt().world.expectNoLeaks(before)
    return stdout
  }

  test('embed-sandbox: each script ends as it should, and none does any harm', async () => {
    const results = JSON.parse(await runs(process.execPath, join(example('embed-sandbox'), 'src/main.ts')))
    expect(results).toMatchObject([
      { what: 'says hello', stdout: 'hello\n', exitCode: 7 },
      { what: 'never ends', exitCode: 137, ended: 'time' },
      { what: 'takes all memory', exitCode: 137, ended: 'memory' },
      { what: 'makes too many processes', stderr: expect.stringContaining("can't fork") },
      { what: 'calls home', stderr: expect.stringMatching(/unreachable|not permitted|denied/) },
      { what: 'writes where it may not', stderr: expect.stringMatching(/[Rr]ead-only|denied/) },
      { what: 'is somebody else', stdout: '65534\n', exitCode: 0 },
    ])
  })

  test('embed-integration-test: a server in a container passes its tests', async () => {
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
    const stdout = await runs(process.execPath, vitest, 'run', '--root', example('embed-integration-test'))
    expect(stdout).toMatch(/3 passed/)
  })
})
