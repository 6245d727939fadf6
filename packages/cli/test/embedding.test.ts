import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

const embedder = join(import.meta.dirname, 'embedding/embedder.mjs')

describe.skipIf(cannotRun)('a program that embeds @rt/runtime', () => {
  const rt = useRt()

  /** Runs one scenario of the program, and sees to it that nothing of it is left. */
  const embed = async (name: string, ...words: string[]): Promise<unknown> => {
    await rt().settled()
    const before = await rt().world.snapshot()
    const { code, signal, stdout, stderr } = await rt().host.run([process.execPath, embedder, name, ...words])
    expect({ code: signal ?? code, stderr }).toEqual({ code: 0, stderr: '' })
    await rt().world.expectNoLeaks(before)
    return JSON.parse(stdout)
  }

  test('runs a container: its streams apart, its exit, its log, its record', async () => {
    expect(await embed('outputs')).toEqual({
      out: 'out\n',
      err: 'err\n',
      exit: { exitCode: 3, signal: null, oomKilled: false },
      name: 'one',
      labels: { a: 'b' },
      status: 'exited',
      lines: [
        ['stderr', 'err\n'],
        ['stdout', 'out\n'],
      ],
    })
  })

  test('any bytes go through, at the pace of whoever reads them', async () => {
    expect(await embed('binary', '40')).toEqual({
      size: 40 << 20,
      same: true,
      exit: { exitCode: 0, signal: null, oomKilled: false },
    })
  })

  test('what nobody reads holds up no wait', async () => {
    expect(await embed('unread')).toMatchObject({ exit: { exitCode: 5 } })
  })

  test('a signal that was aborted before leaves nothing; later it kills', async () => {
    expect(await embed('abortedBefore')).toEqual({ message: 'not today', left: 0 })
    expect(await embed('abortedLater')).toEqual({ exit: { exitCode: 137, signal: 'SIGKILL', oomKilled: false } })
  })

  test('an end for want of memory is told', async () => {
    expect(await embed('outOfMemory')).toEqual({ exit: { exitCode: 137, signal: 'SIGKILL', oomKilled: true } })
  })

  test('what cannot be started says why, and leaves nothing', async () => {
    expect(await embed('refusals')).toEqual({
      program: 'RT_COMMAND_NOT_FOUND',
      image: 'RT_IMAGE_UNKNOWN',
      network: 'RT_NET_UNKNOWN',
      restart: 'RT_USAGE',
      limit: 'RT_LIMIT_INVALID',
      left: 0,
    })
  })

  test('exec: streams of its own, exit, signals, a terminal; stop with the container’s own exit', async () => {
    expect(await embed('exec')).toEqual({
      out: 'typed',
      err: 'me\n',
      exit: { exitCode: 4, signal: null },
      killed: { exitCode: 143, signal: 'SIGTERM' },
      missing: 'RT_COMMAND_NOT_FOUND',
      terminal: 'yes\r\n',
      pids: true,
      stopped: { exitCode: 9, signal: null, oomKilled: false },
    })
  })

  test('a terminal has the size that it is given', async () => {
    expect(await embed('terminal')).toMatchObject({ size: '33 91', exit: { exitCode: 6 } })
  })

  test('many at once; the process is as it was before: directory, umask, signals, namespaces, streams, children', async () => {
    expect(await embed('many', '12')).toMatchObject({ right: 12, left: 0, same: true, zombies: 0 })
  })

  test('a detached one, by handles: events, pause, waits that leave the threads to others, start again', async () => {
    expect(await embed('handles')).toEqual({
      paused: 'paused',
      exits: [JSON.stringify({ exitCode: 137, signal: 'SIGKILL', oomKilled: false })],
      again: 'running',
      events: expect.arrayContaining([
        'kept pause',
        'kept unpause',
        'kept kill',
        'kept die',
        'kept start',
        'kept destroy',
      ]),
    })
  })

  test('a published port leads to it, at the number that the system chose', async () => {
    // What stays of a published port for all others.
    for (const _ of [1, 2]) await rt().out(['run', '--rm', '-p', '127.0.0.1::80', 'busybox', 'true'])
    expect(await embed('published')).toEqual({ answer: 'hello\n', address: expect.stringMatching(/^172\.16\./) })
  })

  test('kill -9 of the program: its containers end and are removed by the next rt; a detached one goes on', async () => {
    await rt().settled()
    const before = await rt().world.snapshot()
    const program = rt().host.spawn([process.execPath, embedder, 'crash'])
    await program.waitFor(/ready/)
    program.kill('SIGKILL')
    await program.exited
    await until(
      'the container of the dead ends',
      async () => !(await rt().out(['ps', '--format', '{Names}'])).includes('mine'),
    )
    expect((await rt().out(['ps', '-a', '--format', '{Names}'])).trim()).toBe('free')
    await rt().out(['rm', '-f', 'free'])
    await rt().world.expectNoLeaks(before)
  })
})
