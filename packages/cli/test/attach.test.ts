import { describe, expect, it } from 'vitest'
import { cannotRun, canPause, RT, until, useRt } from './rt.ts'

/** Something to see for everybody who is attached. */
const TICK = 'while :; do echo tick; sleep 0.05; done'
const DETACH = '\x10\x11' // ctrl-p ctrl-q

describe.skipIf(cannotRun)('rt attach', () => {
  const rt = useRt()
  const start = async (name: string, flags: readonly string[], ...command: readonly string[]): Promise<void> => {
    await rt().out(['run', '-d', '--network=none', `--name=${name}`, ...flags, 'busybox', ...command])
  }
  const pidOf = async (name: string): Promise<number> => {
    const [view] = JSON.parse(await rt().out(['inspect', name]))
    return view.State.Pid
  }

  it('connects input and output, keeps errors apart, and ends with the container\u2019s status', async () => {
    const before = await rt().world.snapshot()
    await start(
      'streams',
      ['-i', '--rm'],
      'sh',
      '-c',
      'while read line; do echo "got $line"; done; echo end >&2; exit 4',
    )
    expect(await rt().run(['attach', 'streams'], { input: 'one\ntwo\n' })).toEqual({
      code: 4,
      signal: null,
      stdout: 'got one\ngot two\n',
      stderr: 'end\n',
    })
    await rt().world.expectNoLeaks(before)
  })

  it('shows the same to several clients at once, and takes input from each', async () => {
    const before = await rt().world.snapshot()
    await start(
      'several',
      ['-i', '--rm'],
      'sh',
      '-c',
      'while read line; do echo "got $line"; [ $line = end ] && exit 0; done',
    )
    const clients = [1, 2, 3].map(() => rt().spawn(['attach', 'several']))
    // Each is attached when its own line has come back.
    for (const [n, client] of clients.entries()) {
      client.write(`from ${n}\n`)
      await client.waitFor(new RegExp(`got from ${n}\n`))
    }
    clients[0]?.write('end\n')
    for (const client of clients) {
      await client.waitFor(/got end\n/)
      expect(await client.exit).toEqual({ code: 0, signal: null })
    }
    await rt().world.expectNoLeaks(before)
  })

  it('--no-stdin only looks on', async () => {
    await start('looked-at', ['-i', '--rm'], 'sh', '-c', `${TICK} & read line; echo "got $line"; exit 3`)
    const onlooker = rt().spawn(['attach', '--no-stdin', 'looked-at'])
    onlooker.write('not for you\n')
    onlooker.closeInput()
    await onlooker.waitFor(/tick/)
    const writer = rt().spawn(['attach', 'looked-at'])
    writer.write('hello\n')
    await onlooker.waitFor(/got hello\n/)
    expect((await onlooker.exit).code).toBe(3)
    expect((await writer.exit).code).toBe(3)
  })

  it.skipIf(!canPause)('a paused container is not attached to: it would be silence', async () => {
    await rt().out(['run', '-d', '--name=still', '--network=none', 'busybox', 'sleep', '1000'])
    await rt().out(['pause', 'still'])
    expect(await rt().complaint(['attach', '--no-stdin', 'still'])).toMatchObject({
      code: 'RT_CONTAINER_PAUSED',
      exitCode: 1,
      remedy: expect.stringContaining('rt unpause still'),
    })
    await rt().out(['rm', '-f', 'still'])
  })

  it('a client that is killed leaves the container running, and the next attach works', async () => {
    const before = await rt().world.snapshot()
    const first = rt().spawn([
      'run',
      '-i',
      '--rm',
      '--sig-proxy=false',
      '--network=none',
      '--name=orphan',
      'busybox',
      'cat',
    ])
    first.write('one\n')
    await first.waitFor(/one\n/)
    await first.kill('SIGKILL')
    await first.exit
    const second = rt().spawn(['attach', 'orphan'])
    second.write('two\n')
    await second.waitFor(/two\n/)
    await second.kill('SIGKILL')
    await second.exit
    expect(await rt().run(['attach', 'orphan'], { input: 'three\n' })).toMatchObject({ code: 0, stdout: 'three\n' })
    await until('it has gone', async () => (await rt().out(['ps', '-aq'])) === '')
    await rt().world.expectNoLeaks(before)
  })

  it('passes signals on, unless it is told not to', async () => {
    await start('signalled', ['--rm'], 'sh', '-c', `trap "echo got TERM" TERM; ${TICK}`)
    const deaf = rt().spawn(['attach', '--sig-proxy=false', 'signalled'])
    const proxy = rt().spawn(['attach', 'signalled'])
    await deaf.waitFor(/tick/)
    await proxy.waitFor(/tick/)
    await proxy.kill('SIGTERM')
    await proxy.waitFor(/got TERM/)
    await deaf.waitFor(/got TERM/)
    await deaf.kill('SIGTERM')
    expect(await deaf.exit).toEqual({ code: null, signal: 'SIGTERM' })
    expect(await rt().out(['rm', '-f', 'signalled'])).toBe('signalled\n')
    expect((await proxy.exit).code).toBe(137)
  })

  it('a client that does not read holds nobody up, and gets everything when it reads again', async () => {
    const before = await rt().world.snapshot()
    // 2 MB: more than all sockets and pipes between them hold.
    const last = 300_000
    const script = `(until [ -e /go ]; do echo tick; sleep 0.05; done) & read go; touch /go; wait; seq 1 ${last}; echo done; exit 5`
    await start('fast', ['-i', '--log-driver=none'], 'sh', '-c', script)
    const slow = rt().host.spawn(['sh', '-c', `${RT} attach --no-stdin fast; echo "status $?"`])
    await slow.waitFor(/tick/)
    const pid = (await rt().host.sh("ps -eo pid,args | awk '/[r]t-shim attach/ {print $1}'")).trim()
    await rt().host.sh(`kill -STOP ${pid}`)
    const quick = await rt().host.run(['sh', '-c', `${RT} attach fast | sed -n /done/q`], { input: 'go\n' })
    expect(quick).toMatchObject({ code: 0, stderr: '' })
    // It has ended for everybody else, and its name is free, while the slow one still has something to read.
    expect(await rt().out(['ps', '-a'])).toMatch(/Exited \(5\).* fast/)
    await rt().out(['rm', 'fast'])
    await rt().host.sh(`kill -CONT ${pid}`)
    await slow.exit
    const numbers = slow.stdout.replace(/^(tick\n)*/, '').split('\n')
    expect(numbers.slice(last)).toEqual(['done', 'status 5', ''])
    expect(numbers.findIndex((text, index) => index < last && text !== String(index + 1))).toBe(-1)
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['unknown', [], 1, /No such container: unknown/],
    ['ended', [], 1, /is not running \[RT_CONTAINER_NOT_RUNNING\]/],
    ['direct', [], 1, /nobody else can join them \[RT_CONTAINER_NO_DOOR\]/],
    ['ended', ['--detach-keys=ctrl-'], 125, /is not a sequence of keys \[RT_USAGE\]/],
  ])('what cannot be: %s %j', async (name, flags, code, message) => {
    const direct = rt().spawn([
      'run',
      '--rm',
      '--network=none',
      '--name=direct',
      'busybox',
      'sh',
      '-c',
      'echo ready; cat',
    ])
    await direct.waitFor(/ready/)
    await rt().run(['run', '--network=none', '--name=ended', 'busybox', 'true'])
    expect(await rt().run(['attach', ...flags, name])).toMatchObject({ code, stderr: expect.stringMatching(message) })
    direct.closeInput()
    await direct.exit
    await rt().out(['rm', 'ended'])
  })

  it('a terminal that takes input is not given to somebody without one, who may look on', async () => {
    await start('looked-on', ['-it'], 'sh', '-c', TICK)
    expect(await rt().complaint(['attach', 'looked-on'])).toMatchObject({
      code: 'RT_USAGE',
      exitCode: 1,
      remedy: expect.stringContaining('rt attach --no-stdin looked-on'),
    })
    const onlooker = rt().spawn(['attach', '--no-stdin', 'looked-on'])
    await onlooker.waitFor(/tick/)
    await rt().out(['kill', 'looked-on'])
    expect((await onlooker.exit).code).toBe(137)
    expect(await rt().complaint(['start', '-ai', 'looked-on'])).toMatchObject({ code: 'RT_USAGE', exitCode: 1 })
    expect(await rt().out(['ps', '-a', '--format={{.Status}}', '-f', 'name=looked-on'])).toMatch(/^Exited \(137\)/)
    await rt().out(['rm', 'looked-on'])
  })

  describe('with a terminal', () => {
    it('detach keys let go of it, the terminal is as it was, and a second attach goes on', async () => {
      const before = await rt().world.snapshot()
      const script = `stty -a >/root/before; ${RT} run -it --network=none --name=shell busybox sh; echo "let go with $?"; stty -a >/root/after
        cmp /root/before /root/after && echo same`
      const terminal = rt().host.pty(['sh', '-c', script])
      await terminal.waitFor(/\/ # /)
      terminal.write('x=kept\r')
      await terminal.waitFor(/\/ # /)
      terminal.write(DETACH)
      await terminal.waitFor(/let go with 0\r\nsame\r\n/)
      const again = rt().pty(['attach', 'shell'])
      await again.waitFor(/\/ # /)
      again.write('echo "x is $x"; exit 6\r')
      await again.waitFor(/x is kept\r\n/)
      expect(await again.exit).toEqual({ code: 6, signal: null })
      await rt().host.sh('rm before after')
      await rt().out(['rm', 'shell'])
      await rt().world.expectNoLeaks(before)
    })

    it('other keys let go of it where others are given; half of a sequence is typed', async () => {
      const terminal = rt().pty([
        'run',
        '-it',
        '--rm',
        '--network=none',
        '--name=keys',
        '--detach-keys=ctrl-a,d',
        'busybox',
        'cat',
      ])
      await until('it runs', async () => (await rt().out(['ps', '-q'])) !== '')
      terminal.write('\x01x\r')
      await terminal.waitFor(/\^Ax\r\n[^\n]*x\r\n/)
      terminal.write(DETACH)
      terminal.write('\r')
      await terminal.waitFor(/\^P/)
      terminal.write('\x01d')
      expect(await terminal.exit).toEqual({ code: 0, signal: null })
      expect(await rt().out(['ps'])).toMatch(/ keys$/m)
      await rt().out(['rm', '-f', 'keys'])
    })

    it('a program that fills the screen draws it again for whoever attaches, also at the same size', async () => {
      const before = await rt().world.snapshot()
      const size = { rows: 30, columns: 100 }
      const draw = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.02; done'
      const first = rt().pty(
        ['run', '-it', '--rm', '--network=none', '--name=screen', 'busybox', 'sh', '-c', draw],
        size,
      )
      await first.waitFor(/ready/)
      first.write(DETACH)
      await first.exit
      for (const { rows, columns } of [size, size, { rows: 40, columns: 90 }]) {
        const next = rt().pty(['attach', 'screen'], { rows, columns })
        await next.waitFor(new RegExp(`${rows} ${columns}\r\n`))
        next.write(DETACH)
        expect(await next.exit).toEqual({ code: 0, signal: null })
      }
      await rt().out(['rm', '-f', 'screen'])
      await rt().world.expectNoLeaks(before)
    })

    it('is as it was when the client gets a signal that it keeps to itself, and when the monitor is killed', async () => {
      const shell = `stty -a >/root/before; ${RT} run -it --rm --network=none --sig-proxy=false --name=cut busybox cat; stty -a >/root/after
        cmp /root/before /root/after && echo same`
      const attach = `stty -a >/root/before; ${RT} attach cut; stty -a >/root/after; cmp /root/before /root/after && echo same`
      const first = rt().host.pty(['sh', '-c', shell])
      await until('it runs', async () => (await rt().out(['ps', '-q'])) !== '')
      first.write('hello\r')
      await first.waitFor(/hello\r\nhello\r\n/)
      await rt().host.sh("kill -TERM $(ps -eo pid,args | awk '/[r]t-shim client/ {print $1}')")
      await first.waitFor(/same\r\n/)
      const second = rt().host.pty(['sh', '-c', attach])
      second.write('again\r')
      await second.waitFor(/again\r\nagain\r\n/)
      await rt().host.sh("kill -KILL $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
      await second.waitFor(/monitor was killed[\s\S]*same\r\n/)
      await rt().out(['ps'])
      await rt().host.sh('rm before after')
    })
  })

  it('kill -9 of the monitor ends the container', async () => {
    const before = await rt().world.snapshot()
    await start('victim', [], 'sh', '-c', `sleep 1234 & ${TICK}`)
    const client = rt().spawn(['attach', 'victim'])
    const pid = await pidOf('victim')
    await client.waitFor(/tick/)
    await rt().host.sh("kill -KILL $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    expect((await client.exit).code).toBe(137)
    await until('the sleepers are gone', async () => !(await rt().host.sh('ps ax')).includes('sleep 123'))
    // Its parent is the world's first process now, which waits for it when it comes to that.
    await until('its first process is gone', async () => (await rt().host.sh(`ls -d /proc/${pid} || :`)) === '')
    expect(await rt().out(['ps', '-a'])).toMatch(/Dead \(its monitor was killed\).* victim/)
    await rt().out(['rm', 'victim'])
    await rt().world.expectNoLeaks(before)
  })
})
