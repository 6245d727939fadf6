import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostStep } from '@rt/driver-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toShell } from '../src/explain/index.ts'
import { canShimPerform, createLifeline, type Netns, openNetns, performSteps } from '../src/index.ts'

/** Lives until descriptor 4 ends, and says so. */
const FAITHFUL = 'readlink /proc/self/fd/3 >"$1/netns"; echo ready >&5; exec 5>&-; cat <&4; echo gone >"$1/gone"'

describe('a helper', () => {
  let base = ''
  let netns: Netns
  beforeAll(() => {
    netns = openNetns(process.pid)
  })
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-helper-'))
    return () => rmSync(base, { recursive: true, force: true })
  })
  afterAll(() => netns.close())

  const start = (script: string): HostStep => ({
    where: 'host',
    op: 'helper.start',
    argv: ['sh', '-c', script, 'sh', base],
    why: 'test',
  })
  const gone = async (): Promise<void> => {
    while (!existsSync(join(base, 'gone'))) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  it('has the network namespace, is waited for, and ends when the last holder of its lifeline does', async () => {
    const lifeline = createLifeline()
    expect(lifeline.held).toEqual([])
    performSteps([start(FAITHFUL)], { netns, lifeline })
    expect(readFileSync(join(base, 'netns'), 'utf8')).toMatch(/^net:/)
    expect(lifeline.held).toHaveLength(1)
    // As the monitor of a container has it, after the one that started it is gone.
    const [held = -1] = lifeline.held
    const monitor = openSync(`/proc/self/fd/${held}`, 'w')
    lifeline.close()
    expect(existsSync(join(base, 'gone'))).toBe(false)
    closeSync(monitor)
    await gone()
  })

  it('ends with a program that was killed', async () => {
    const program = `
      const { createLifeline, openNetns, performSteps } = await import('@rt/native')
      const step = ${JSON.stringify(start(FAITHFUL))}
      performSteps([step], { netns: openNetns(process.pid), lifeline: createLifeline() })
      process.kill(process.pid, 'SIGKILL')`
    const argv = ['--no-warnings', '--conditions=@rt/source', '--input-type=module', '-e', program]
    const { signal } = spawnSync(process.execPath, argv, { cwd: join(import.meta.dirname, '..') })
    expect(signal).toBe('SIGKILL')
    await gone()
  })

  it('that ends before it is ready is an error with its last words', () => {
    const lifeline = createLifeline()
    const perform = () => performSteps([start('echo first >&2; echo last >&2; exit 3')], { netns, lifeline })
    expect(perform).toThrow(/ended before it was ready: last/)
    lifeline.close()
  })

  it('is not held up by what it says, and what it says takes no more room', () => {
    const lifeline = createLifeline()
    performSteps(
      [
        start(
          'i=0; while [ $i -lt 3000 ]; do echo 01234567890123456789012345678901234567890123456789 >&2; i=$((i+1)); done; echo >&5',
        ),
      ],
      { netns, lifeline },
    )
    lifeline.close()
  })

  it('that is not installed is named', () => {
    const step: HostStep = { where: 'host', op: 'helper.start', argv: ['no-such-helper'], why: 'test' }
    const lifeline = createLifeline()
    expect(() => performSteps([step], { netns, lifeline })).toThrow('The program no-such-helper is not installed.')
    lifeline.close()
  })

  it('needs a container that starts', () => {
    expect(() => performSteps([start('exit')], { netns })).toThrow(/only be started together with its container/)
    expect(canShimPerform(start('exit'))).toBe(false)
  })

  it('is the same in a script', async () => {
    const script = [
      'set -eu',
      'netns=$$ lifeline=$1/lifeline',
      'mkfifo "$lifeline"; exec {alive}<> "$lifeline"',
      ...toShell(start(FAITHFUL)),
      '[ ! -e "$1/gone" ]',
    ].join('\n')
    expect(spawnSync('bash', ['-c', script, 'bash', base], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
    await gone()
  })
})
