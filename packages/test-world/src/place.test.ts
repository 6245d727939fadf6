import { describe, expect, test } from 'vitest'
import { createWorld, whyNoWorld } from './index.ts'

describe.skipIf(whyNoWorld())('a place of a world', () => {
  test('runs programs with input, environment and directory, and tells how they ended', async () => {
    await using world = await createWorld({ internet: false })
    const { host } = world
    const script = 'cat; echo "$GREETING $PWD" >&2; exit 7'
    const options = { input: 'in\n', env: { GREETING: 'hello' }, cwd: '/usr' }
    expect(await host.run(['sh', '-c', script], options)).toEqual({
      code: 7,
      signal: null,
      stdout: 'in\n',
      stderr: 'hello /usr\n',
    })
    const killed = await host.run(['sh', '-c', 'kill -9 $$'])
    expect(killed).toMatchObject({ code: null, signal: 'SIGKILL' })
    expect((await host.run(['no-such-program'])).code).toBe(127)
    await expect(host.sh('echo why >&2; false')).rejects.toThrow(/ended with 1\nwhy/)
  })

  test('gives programs a clean environment', async () => {
    await using world = await createWorld({ internet: false })
    const names = (await world.host.sh('env')).split('\n').map((line) => line.split('=')[0])
    const fromShell = ['PWD', 'OLDPWD', 'SHLVL', '_', '']
    expect(names.filter((name) => !fromShell.includes(name ?? '')).sort()).toEqual(
      ['HOME', 'LANG', 'PATH', 'RT_TEST_WORLD', 'TERM'].sort(),
    )
  })

  test('kills what takes too long, with its children', async () => {
    await using world = await createWorld({ internet: false })
    const before = await world.snapshot()
    const slow = world.host.run(['sh', '-c', 'sleep 1000 & echo started; wait'], { timeout: 500 })
    await expect(slow).rejects.toThrow(/longer than \d+ ms\nstarted/)
    await world.expectNoLeaks(before)
  })

  test('answers pids as the place sees them', async () => {
    await using world = await createWorld({ internet: false })
    const sleeper = world.host.spawn(['sleep', '1000'])
    const pid = await sleeper.pid
    expect(await world.host.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`)).toBe('sleep 1000 ')
    await sleeper.kill('SIGTERM')
    expect(await sleeper.exit).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('waits for output, and says what came instead', async () => {
    await using world = await createWorld({ internet: false })
    const running = world.host.spawn(['sh', '-c', 'echo one; read x; echo two one'])
    await running.waitFor(/one/)
    running.write('\n')
    await running.waitFor(/one/)
    await expect(running.waitFor(/three/)).rejects.toThrow(/ended: waited for \/three\/, got "\\n"/)
  })

  test('writes files as the place sees them', async () => {
    await using world = await createWorld({ internet: false })
    await world.host.sh('ln -s /etc /root/link')
    await world.host.write('/root/link/new/file', 'text', 0o600)
    expect(await world.host.read('/etc/new/file')).toBe('text')
    expect(await world.host.sh('stat -c %a /etc/new/file')).toBe('600\n')
  })
})

describe.skipIf(whyNoWorld())('a terminal', () => {
  test('is a real one: size, resize, job control, ^C, ^D', async () => {
    await using world = await createWorld({ internet: false })
    // A shell that leaves the terminal's modes alone: one with a line editor loses what is typed while it switches them.
    const shell = world.host.pty(['dash', '-i'], { rows: 30, columns: 90, env: { PS1: 'prompt> ' } })
    await shell.waitFor(/prompt> /)
    shell.write('stty size; tty\n')
    await shell.waitFor(/\n30 90\r\n\/dev\/pts\/0\r\n/)
    shell.write('sh -c \'trap "stty size" WINCH; echo wait; while sleep 0.01; do :; done\'\n')
    await shell.waitFor(/wait\r\n/)
    shell.resize(40, 100)
    await shell.waitFor(/40 100/)
    shell.write('\x03')
    await shell.waitFor(/\^C[\s\S]*prompt> /)
    shell.write('cat\n')
    shell.write('echoed\n')
    await shell.waitFor(/echoed\r\nechoed/)
    shell.write('\x1a')
    await shell.waitFor(/Stopped[\s\S]*prompt> /)
    shell.write('fg\n')
    await shell.waitFor(/cat\r\n/)
    shell.write('again\n')
    await shell.waitFor(/again\r\nagain/)
    shell.write('\x04')
    await shell.waitFor(/prompt> /)
    shell.write('exit 5\n')
    expect(await shell.exit).toEqual({ code: 5, signal: null })
  })

  test('goes on when its program stops itself, and ends by the signal that ended it', async () => {
    await using world = await createWorld({ internet: false })
    const program = world.host.pty(['sh', '-c', 'echo ready; kill -STOP $$; echo on; kill -TERM $$'])
    await program.waitFor(/ready/)
    const until = 'until grep -q "^State:.T" /proc/[0-9]*/status; do :; done'
    await world.host.sh(
      `${until}; for f in /proc/[0-9]*/status; do grep -q "^State:.T" $f || continue; f=\${f#/proc/}; kill -CONT \${f%/status}; done`,
    )
    await program.waitFor(/on/)
    expect(await program.exit).toEqual({ code: null, signal: 'SIGTERM' })
  })
})
