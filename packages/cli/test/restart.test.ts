import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, RT, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('--restart', () => {
  const rt = useRt()
  const inspect = async (name: string) => JSON.parse(await rt().out(['inspect', name]))[0]
  const runs = (id: string): Promise<string> =>
    rt()
      .host.sh(`grep -c '"log":"run' /var/lib/rt/containers/${id}/json.log || :`)
      .then((text) => text.trim())
  const start = (name: string, policy: string, script: string, network = 'none'): Promise<string> =>
    rt()
      .out([
        'run',
        '-d',
        `--network=${network}`,
        `--name=${name}`,
        `--restart=${policy}`,
        'busybox',
        'sh',
        '-c',
        script,
      ])
      .then((text) => text.trim())

  it('on-failure:2 tries two times more, with Docker\u2019s waits, and keeps the last status', async () => {
    const before = await rt().world.snapshot()
    const id = await start('failing', 'on-failure:2', 'echo run; exit 4')
    await until('it has given up', async () => (await rt().out(['ps', '-q'])) === '')
    expect(await runs(id)).toBe('3')
    const log = await rt().host.sh(`cat /var/lib/rt/containers/${id}/json.log`)
    const times = log
      .trim()
      .split('\n')
      .map((line) => Date.parse(JSON.parse(line).time))
    const [first = 0, second = 0, third = 0] = times
    expect(second - first).toBeGreaterThanOrEqual(100)
    expect(third - second).toBeGreaterThanOrEqual(200)
    expect(third - second).toBeLessThan(2000)
    expect(await rt().out(['ps', '-a'])).toMatch(/Exited \(4\).* failing/)
    const { State, RestartCount } = await inspect('failing')
    expect(RestartCount).toBe(2)
    const [started, finished] = [Date.parse(State.StartedAt), Date.parse(State.FinishedAt)]
    expect(started).toBeGreaterThan(second)
    expect(finished).toBeGreaterThanOrEqual(started)
    await rt().out(['rm', 'failing'])
    await rt().world.expectNoLeaks(before)
  })

  it('on-failure lets success be; a run that was killed has failed', async () => {
    const id = await start('good', 'on-failure', 'echo run; exit 0')
    await until('it has ended', async () => (await rt().out(['ps', '-q'])) === '')
    expect(await runs(id)).toBe('1')
    await rt().out(['rm', 'good'])
    const other = await start('killed', 'on-failure', 'echo run; exec sleep 1000')
    const { State } = await inspect('killed')
    await rt().host.sh(`kill -9 ${State.Pid}`)
    await until('it runs again', async () => (await runs(other)) === '2')
    await rt().out(['rm', '-f', 'killed'])
  })

  it('always: files, network namespace and address stay, and nothing piles up', async () => {
    const before = await rt().world.snapshot()
    const script = 'echo run; readlink /proc/self/ns/net; ip -o addr show eth0; ls /mark 2>&1; touch /mark; sleep 0.1'
    const id = await start('again', 'always', script, 'bridge')
    const monitor = (await rt().host.sh("ps -eo pid,args | awk '/[r]t-shim background/ {print $1}'")).trim()
    const descriptors = () => rt().host.sh(`ls -l /proc/${monitor}/fd | sed 's/.* -> //; s/[0-9]*]$//' | sort`)
    // The waits double: on a machine that is slower than the first of them, one that is long enough to look around in comes later.
    const [early, late] = patience(1) > 1 ? [7, 8] : [3, 5]
    const waitsAfter = (least: number) =>
      until(
        `it waits after ${least} runs`,
        async () => Number(await runs(id)) >= least && (await inspect('again')).State.Status === 'restarting',
        20_000,
      )
    await waitsAfter(early)
    const then = await descriptors()
    await waitsAfter(late)
    expect(await descriptors()).toBe(then)
    expect(await rt().host.sh(`ps --ppid ${monitor} -o pid= || :`)).toBe('')
    const view = await inspect('again')
    expect(view).toMatchObject({ State: { Running: true, Restarting: true, ExitCode: 0 } })
    expect(view.RestartCount).toBeGreaterThanOrEqual(late - 1)
    expect(await rt().out(['ps'])).toMatch(/Restarting \(0\).* again/)
    const lines = (await rt().host.sh(`cat /var/lib/rt/containers/${id}/json.log`))
      .trim()
      .split('\n')
      .map((line) => String(JSON.parse(line).log))
    const nets = lines.filter((line) => line.startsWith('net:'))
    expect(nets.length).toBeGreaterThanOrEqual(late)
    expect(new Set(nets).size).toBe(1)
    expect(new Set(lines.filter((line) => line.includes('inet '))).size).toBe(1)
    expect(lines.filter((line) => line === '/mark\n').length).toBe(nets.length - 1)
    expect(await rt().out(['rm', '-f', 'again'])).toBe('again\n')
    await rt().world.expectNoLeaks(before)
  })

  it('rm -f in the middle of a long wait ends it at once', async () => {
    const before = await rt().world.snapshot()
    const id = await start('waiting', 'always', 'echo run; exit 1')
    // The waits double: behind the sixth run it is 3.2 s.
    await until('it has run six times', async () => Number(await runs(id)) >= 6, 15_000)
    const began = Date.now()
    await rt().out(['rm', '-f', 'waiting'])
    expect(Date.now() - began).toBeLessThan(patience(2000))
    await rt().world.expectNoLeaks(before)
  })

  it('a file that says the user has stopped it keeps it down', async () => {
    const before = await rt().world.snapshot()
    const id = await start('stopped', 'unless-stopped', 'echo run; exec sleep 1000')
    await rt().host.sh(`touch /var/lib/rt/containers/${id}/stopped; kill -9 ${(await inspect('stopped')).State.Pid}`)
    await until('it has ended', async () => (await rt().out(['ps', '-q'])) === '')
    expect(await runs(id)).toBe('1')
    expect(await rt().out(['ps', '-a'])).toMatch(/Exited \(137\).* stopped/)
    await rt().out(['rm', 'stopped'])
    await rt().world.expectNoLeaks(before)
  })

  it('the monitor\u2019s death is told even where a former run has left its status', async () => {
    const before = await rt().world.snapshot()
    const id = await start('twice', 'on-failure', 'echo run; [ -e /mark ] && exec sleep 1000; touch /mark; exit 5')
    await until('the second run', async () => (await runs(id)) === '2')
    expect(await rt().out(['ps'])).toMatch(/ Up .* twice/)
    await until('it is up', async () => (await inspect('twice')).State.Running === true)
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('it is dead', async () => (await rt().out(['ps', '-a'])).includes('Dead (its monitor was killed)'))
    await rt().out(['rm', 'twice'])
    await rt().world.expectNoLeaks(before)
  })

  it('who is attached gets the status of the run that ended; who comes in a wait sees the next one', async () => {
    const id = await start('seen', 'always', 'echo run; until [ -e /end ]; do sleep 0.05; done; rm /end; exit 3')
    const end = async () => rt().host.sh(`touch /proc/${(await inspect('seen')).State.Pid}/root/end`)
    for (const count of ['1', '2']) {
      await until('the next run', async () => (await runs(id)) === count && (await inspect('seen')).State.Running)
      const client = rt().spawn(['attach', '--no-stdin', 'seen'])
      await until(
        'it is attached',
        async () => (await rt().host.sh("ps ax | grep -c '[r]t-shim attach' || :")) === '1\n',
      )
      await end()
      expect(await client.exit).toEqual({ code: 3, signal: null })
    }
    await rt().out(['rm', '-f', 'seen'])
  })

  it('a foreground container ends for its caller with the first run, and goes on without', async () => {
    const { code, stdout } = await rt().host.run([
      'sh',
      '-c',
      `${RT} run --restart=on-failure:1 --network=none --name=front busybox sh -c 'echo run; exit 6'`,
    ])
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'run\n' })
    await until('it has given up', async () => (await rt().out(['ps', '-q'])) === '')
    expect(await runs((await inspect('front')).Id)).toBe('2')
    await rt().out(['rm', 'front'])
  })

  it.each([
    [['--restart=sometimes'], /not a restart policy/],
    [['--restart=always:3'], /not a restart policy/],
    [['--restart=on-failure:x'], /not a restart policy/],
    [['--restart=always', '--rm'], /contradict/],
  ])('%j is refused', async (flags, message) => {
    const complaint = await rt().complaint(['run', ...flags, 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_USAGE', exitCode: 125, sentence: expect.stringMatching(message) })
  })
})
