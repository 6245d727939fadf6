import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt run --init', () => {
  const rt = useRt({ internet: false })
  const run = ['run', '--rm', '--init', '--network=none']
  const inside = (script: string) => rt().out([...run, 'busybox', 'sh', '-c', script])

  it('keeps a small process as the first, whose child the program is', async () => {
    const [pid, parent, comm] = (await inside('echo $$; echo $PPID; cat /proc/1/comm')).trim().split('\n')
    expect(Number(pid)).toBeGreaterThan(1)
    expect([parent, comm]).toEqual(['1', 'rt-init'])
  })

  it('gives it no rights, descriptors or knowledge that the program has not', async () => {
    const same = `for key in Uid Gid Groups CapPrm CapEff CapBnd NoNewPrivs Seccomp; do
      [ "$(grep ^$key: /proc/1/status)" = "$(grep ^$key: /proc/self/status)" ] || echo "$key differs"; done
      ls /proc/1/fd; cat /proc/1/environ; tr '\\0' ' ' </proc/1/cmdline; readlink /proc/1/cwd; grep -c rt-plan /proc/1/maps`
    const said = await rt().run([...run, '-w', '/tmp', 'busybox', 'sh', '-c', same], {
      env: { SECRET: 'hidden' },
    })
    expect(said.stdout).toMatch(/^0\n1\n2\nrt-shim sealed \d+ (net|-) *\/\n0\n$/)
  })

  it.each([
    [0, 'true'],
    [5, 'exit 5'],
    [137, 'kill -9 $$'],
    [143, 'kill $$; sleep 1000'],
  ])('ends with %i as the program did', async (code, script) => {
    expect(await rt().run([...run, 'busybox', 'sh', '-c', script])).toMatchObject({ code, stdout: '', stderr: '' })
  })

  it('a command that cannot be run is an error as without it', async () => {
    expect(await rt().complaint([...run, 'busybox', 'nope'])).toMatchObject({
      code: 'RT_COMMAND_NOT_FOUND',
      exitCode: 127,
    })
    expect(await rt().complaint([...run, 'busybox', '/etc'])).toMatchObject({ exitCode: 126 })
    expect(await rt().complaint([...run, '-d', 'busybox', 'nope'])).toMatchObject({ exitCode: 127 })
  })

  it.each([
    ['reaps every orphan', ['--init'], 0],
    ['which a program in its place leaves', [], 1],
  ])('%s', async (_, flags, zombies) => {
    const orphans = 'sh -c "sleep 0.31 & exec true"; echo made >/made; exec sleep 100000'
    await rt().out(['run', '-d', '--name=box', ...flags, '--network=none', 'busybox', 'sh', '-c', orphans])
    const look = (script: string) => rt().out(['exec', 'box', 'sh', '-c', script])
    await until('it was made', async () => (await look('[ -e /made ] || echo no')) === '')
    await until('it has ended', async () => (await rt().host.sh('pgrep -xfc "sleep 0.31" || true')) === '0\n')
    const count = async () => Number(await look('cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z " || true'))
    // The first process needs a moment after it is told.
    await until(`there are ${zombies} zombies`, async () => (await count()) === zombies)
    await rt().out(['rm', '-f', 'box'])
  })

  it.each(['TERM', 'HUP', 'INT', 'USR1', 'WINCH', 'CONT', 'RTMIN+2'])(
    'forwards SIG%s to the program',
    async (signal) => {
      const script = `trap "echo got it; exit 3" ${signal.replace('RTMIN+2', '36')}; echo up; while :; do sleep 0.02; done`
      const program = rt().spawn([...run, '--name=box', 'busybox', 'sh', '-c', script])
      await program.waitFor(/up/)
      const [{ State }] = JSON.parse(await rt().out(['inspect', 'box']))
      await rt().host.sh(`kill -s ${signal.replace('RTMIN+2', '36')} ${State.Pid}`)
      expect(await program.exit).toEqual({ code: 3, signal: null })
    },
  )

  it('what the program leaves behind ends with it', async () => {
    const before = await rt().world.snapshot()
    await inside('sleep 3131 & setsid sleep 3131 & true')
    await rt().world.expectNoLeaks(before)
  })

  it('in a terminal the program is in front, and ^C reaches it once', async () => {
    const terminal = rt().pty([
      ...run,
      'busybox',
      'sh',
      '-c',
      'trap "echo once" INT; echo up; read a; read b; echo end $b',
    ])
    await terminal.waitFor(/up/)
    terminal.write('\x03')
    await terminal.waitFor(/once/)
    terminal.write('one\rtwo\r')
    await terminal.waitFor(/end/)
    expect((await terminal.exit).code).toBe(0)
    expect(terminal.stdout.match(/once/g)).toHaveLength(1)
  })

  it('dies with its monitor', async () => {
    await rt().out(['run', '-d', '--name=box', '--init', '--network=none', 'busybox', 'sleep', '4141'])
    const [{ State }] = JSON.parse(await rt().out(['inspect', 'box']))
    const monitor = (await rt().host.sh(`awk '/^PPid/ {print $2}' /proc/${State.Pid}/status`)).trim()
    await rt().host.sh(`kill -9 ${monitor}`)
    await until('all of it is gone', async () => (await rt().host.sh('pgrep -xfc "sleep 4141" || true')) === '0\n')
    await rt().out(['rm', 'box'])
  })

  it('explains itself with a script that works', async () => {
    const script = await rt().out(['explain', '--init', '--network=none', 'busybox', 'sh', '-c', 'echo $PPID; exit 6'])
    expect(await rt().host.run(['bash', '-c', script])).toMatchObject({ code: 6, stdout: '1\n', stderr: '' })
  })
})
