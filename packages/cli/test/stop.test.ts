import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, until, useRt } from './rt.ts'

/** Ends with the number of the signal that it got; says when it is ready for them. */
const listener = (...signals: string[]): string[] => [
  'busybox',
  'sh',
  '-c',
  `${signals.map((signal, index) => `trap 'exit ${index + 1}' ${signal}`).join('; ')}; touch /ready; while :; do sleep 0.05; done`,
]

describe.skipIf(cannotRun)('stop, kill, wait, restart, rm -f', () => {
  const rt = useRt()

  const run = async (name: string, ...words: string[]): Promise<string> => {
    const flags = words.slice(0, words.indexOf('busybox'))
    const command = words.slice(words.indexOf('busybox'))
    const id = (await rt().out(['run', '-d', `--name=${name}`, '--network=bridge', ...flags, ...command])).trim()
    // A trap that is not set yet is a signal lost: PID 1 ignores what it has no handler for.
    if (command.some((word) => word.includes('/ready')))
      await rt().host.sh(`until [ -e /var/lib/rt/containers/${id}/upper/ready ]; do sleep 0.01; done`)
    return id
  }
  const code = async (name: string): Promise<number> => JSON.parse(await rt().out(['inspect', name]))[0].State.ExitCode

  it('sends SIGTERM, prints the name, and is done when the container has been cleaned up', async () => {
    const before = await rt().world.snapshot()
    await run('web', ...listener('TERM', 'USR1'))
    expect(await rt().out(['stop', 'web'])).toBe('web\n')
    expect(
      await rt().host.sh('ls /sys/class/net/br0/brif; find /run/rt -path "*/leases/*"; ls /run/rt/containers'),
    ).toBe('')
    expect(await code('web')).toBe(1)
    // Of one that has ended: nothing to do.
    expect(await rt().out(['stop', 'web'])).toBe('web\n')
    await rt().out(['rm', 'web'])
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['-s', ['-s', 'usr1'], []],
    ['--stop-signal', [], ['--stop-signal=SIGUSR1']],
    ['--stop-signal as a number', [], ['--stop-signal=10']],
  ])('another signal: %s', async (_, stopFlags, runFlags) => {
    await run('web', ...runFlags, ...listener('TERM', 'USR1'))
    await rt().out(['stop', ...stopFlags, 'web'])
    expect(await code('web')).toBe(2)
    await rt().out(['rm', 'web'])
  })

  it("the image's STOPSIGNAL", async () => {
    await rt().host.sh('mkdir -p tree/bin; cp "$(command -v busybox)" tree/bin')
    await rt().host.sh('for p in sh sleep touch; do ln -sf busybox tree/bin/$p; done; tar -C tree -cf own.tar .')
    const image = (await rt().out(['import', 'own', 'own.tar'])).trim().replace('sha256:', '')
    await rt().host.sh(
      `sed -i 's/"config":{/"config":{"StopSignal":"SIGUSR1"/' /var/lib/rt/images/configs/${image}.json`,
    )
    expect(await rt().host.read(`/var/lib/rt/images/configs/${image}.json`)).toContain('StopSignal')
    const [, ...command] = listener('TERM', 'USR1')
    const id = (await rt().out(['run', '-d', '--name=web', '--network=none', 'own', ...command])).trim()
    await rt().host.sh(`until [ -e /var/lib/rt/containers/${id}/upper/ready ]; do sleep 0.01; done`)
    await rt().out(['stop', 'web'])
    expect(await code('web')).toBe(2)
    await rt().out(['rm', 'web'])
  })

  it('SIGKILL when the time is over: -t, --time, --timeout, --stop-timeout', async () => {
    for (const [flags, runFlags] of [
      [['-t', '0'], []],
      [['--time', '0'], []],
      [['--timeout=0'], []],
      [[], ['--stop-timeout=0']],
      // The flag beats the container's own.
      [['-t', '1'], ['--stop-timeout=600']],
    ] as const) {
      await run('deaf', ...runFlags, 'busybox', 'sleep', '1001')
      expect(await rt().out(['stop', ...flags, 'deaf'])).toBe('deaf\n')
      expect(await code('deaf')).toBe(137)
      await rt().out(['rm', 'deaf'])
    }
  })

  it('-t -1 waits for ever: until somebody else kills it', async () => {
    await run('deaf', 'busybox', 'sleep', '1001')
    const stop = rt().spawn(['stop', '-t', '-1', 'deaf'])
    // Longer than every default would have taken is too long for a test; that it still waits is what is seen.
    await rt().host.sh('sleep 1')
    expect(stop.ended).toBe(false)
    await rt().out(['kill', 'deaf'])
    expect(await stop.exit).toMatchObject({ code: 0 })
    await rt().out(['rm', 'deaf'])
  })

  it('all names are signalled first and waited for together', async () => {
    for (const name of ['d1', 'd2', 'd3']) await run(name, 'busybox', 'sleep', '1001')
    const begin = Date.now()
    const {
      code: status,
      stdout,
      stderr,
    } = await rt().run(['stop', '-t', String(patience(2)), 'd1', 'nobody', 'd2', 'd3'])
    expect(Date.now() - begin).toBeLessThan(patience(4000))
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'd1\nd2\nd3\n' })
    expect(stderr).toContain('RT_CONTAINER_UNKNOWN')
    expect(await rt().out(['ps', '-q'])).toBe('')
    await rt().out(['rm', 'd1', 'd2', 'd3'])
  })

  it('kill: any signal by name or number; SIGKILL by default, and it is over when it returns', async () => {
    await run('web', ...listener('HUP'))
    expect(await rt().out(['kill', '-s', '1', 'web'])).toBe('web\n')
    expect(await rt().out(['wait', 'web'])).toBe('1\n')
    await rt().out(['start', 'web'])
    await rt().out(['kill', 'web'])
    expect(await code('web')).toBe(137)
    expect(readComplaint(await rt().run(['kill', 'web']))).toMatchObject({
      code: 'RT_CONTAINER_NOT_RUNNING',
      exitCode: 1,
      sentence: expect.stringContaining('web'),
    })
    await rt().out(['rm', 'web'])
  })

  it('a signal that is none: before anything is done', async () => {
    await run('web', 'busybox', 'sleep', '1001')
    for (const args of [
      ['kill', '-s', 'TREM', 'web'],
      ['stop', '-s', 'TREM', 'web'],
    ]) {
      const found = readComplaint(await rt().run(args))
      expect(found).toMatchObject({ code: 'RT_SIGNAL_INVALID', exitCode: 1 })
      expect(found.sentence).toContain('Did you mean "TERM"?')
    }
    expect(readComplaint(await rt().run(['stop', '-t', 'soon', 'web']))).toMatchObject({ code: 'RT_USAGE' })
    expect((await rt().out(['ps', '-q'])).trim()).not.toBe('')
    await rt().out(['rm', '-f', 'web'])
  })

  it('wait: of one that runs, one that has ended, one that was only created', async () => {
    await run('long', 'busybox', 'sh', '-c', 'sleep 0.5; exit 42')
    await rt().run(['run', '--name=over', '--network=none', 'busybox', 'sh', '-c', 'exit 9'])
    await rt().out(['create', '--name=new', '--network=none', 'busybox', 'true'])
    expect(await rt().out(['wait', 'long', 'over', 'new'])).toBe('42\n9\n0\n')
    await rt().out(['rm', 'long', 'over', 'new'])
  })

  it('wait: one that is directly connected with its --rm command tells its end, too', async () => {
    const direct = rt().spawn([
      'run',
      '--rm',
      '--name=direct',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      'read x; exit 5',
    ])
    await until('it runs', async () => (await rt().out(['ps'])).includes('direct'))
    const waits = [rt().spawn(['wait', 'direct']), rt().spawn(['wait', 'direct'])]
    await until('both wait', async () =>
      (await rt().host.sh("ps -eo args | grep -c '[w]ait direct' || :")).startsWith('2'),
    )
    await until('both have asked', async () =>
      (await rt().host.sh('ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c "/waited$" || :')).startsWith('2'),
    )
    direct.write('\n')
    expect(await direct.exit).toMatchObject({ code: 5 })
    for (const wait of waits) {
      expect(await wait.exit).toMatchObject({ code: 0 })
      expect(wait.stdout).toBe('5\n')
    }
  })

  it('restart: a new process in the same container', async () => {
    await run(
      'web',
      'busybox',
      'sh',
      '-c',
      'echo x >>/starts; touch /ready; trap "exit 0" TERM; while :; do sleep 0.05; done',
    )
    const pid = async () => JSON.parse(await rt().out(['inspect', 'web']))[0].State.Pid
    const first = await pid()
    expect(await rt().out(['restart', '-t', '5', 'web'])).toBe('web\n')
    expect(await pid()).not.toBe(first)
    await rt().out(['create', '--name=other', '--network=none', 'busybox', 'sleep', '1001'])
    // One that has never run is started; one of --rm would be gone.
    await run('fleeting', '--rm', 'busybox', 'sleep', '1001')
    const { code: status, stdout, stderr } = await rt().run(['restart', '-t', '0', 'web', 'other', 'fleeting'])
    expect(status).toBe(1)
    expect(stdout.trim().split('\n').sort()).toEqual(['other', 'web'])
    expect(stderr).toContain('RT_CONTAINER_EPHEMERAL')
    expect((await rt().out(['ps', '-q'])).trim().split('\n')).toHaveLength(3)
    await rt().out(['rm', '-f', 'web', 'other', 'fleeting'])
  })

  it('rm -f: several at once, running or not, prefix or name; -v is taken', async () => {
    const before = await rt().world.snapshot()
    await run('r1', 'busybox', 'sleep', '1001')
    const id = await run('r2', 'busybox', 'sleep', '1001')
    await rt().out(['create', '--name=r3', '--network=none', 'busybox', 'true'])
    const refused = await rt().run(['rm', 'r1', 'r3'])
    expect(refused).toMatchObject({ code: 1, stdout: 'r3\n' })
    expect(refused.stderr).toContain('RT_CONTAINER_RUNNING')
    const { code: status, stdout, stderr } = await rt().run(['rm', '-f', '-v', 'r1', 'nobody', id.slice(0, 20)])
    expect({ status, stdout }).toEqual({ status: 0, stdout: `r1\n${id.slice(0, 20)}\n` })
    expect(stderr).toContain('RT_CONTAINER_UNKNOWN')
    await rt().world.expectNoLeaks(before)
  })

  it('a container in the foreground is stopped as any other, and its client says how it ended', async () => {
    const before = await rt().world.snapshot()
    const client = rt().spawn([
      'run',
      '--rm',
      '--name=front',
      '--network=bridge',
      'busybox',
      'sh',
      '-c',
      'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done',
    ])
    await client.waitFor(/ready/)
    await rt().out(['stop', 'front'])
    expect(await client.exit).toMatchObject({ code: 6 })
    await rt().world.expectNoLeaks(before)
  })
})
