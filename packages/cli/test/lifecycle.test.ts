import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, until, useRt } from './rt.ts'

const statusOf = (table: string, name: string): string =>
  table.split('\n').find((line) => line.trimEnd().endsWith(` ${name}`)) ?? ''

describe.skipIf(cannotRun)('create and start', () => {
  const rt = useRt()

  it.each(['overlay', 'copy'])(
    '%s: what the container wrote is there at the next start, and what it deleted is not',
    async (storage) => {
      const before = await rt().world.snapshot()
      const script = 'echo once more >>/log; rm -f /etc/passwd; cat /log; ls /etc/passwd 2>&1'
      const id = (
        await rt().out([
          'create',
          '--name=box',
          '--network=bridge',
          `--storage=${storage}`,
          'busybox',
          'sh',
          '-c',
          script,
        ])
      ).trim()
      expect(id).toMatch(/^[0-9a-f]{64}$/)
      expect(statusOf(await rt().out(['ps', '-a']), 'box')).toContain('Created')
      expect(await rt().out(['ps', '-q'])).toBe('')
      // Nothing runs, and nothing is held: no lease, no cgroup, no run directory.
      expect(await rt().host.sh(`find /run/rt /sys/fs/cgroup -name '*${id}*'; find /run/rt -path '*/leases/*'`)).toBe(
        '',
      )
      const first = await rt().run(['start', '-a', 'box'])
      expect(first).toMatchObject({ code: 1, stdout: 'once more\nls: /etc/passwd: No such file or directory\n' })
      const second = await rt().run(['start', '-a', id.slice(0, 12)])
      expect(second.stdout).toBe('once more\nonce more\nls: /etc/passwd: No such file or directory\n')
      await rt().out(['rm', 'box'])
      await rt().world.expectNoLeaks(before)
    },
  )

  it('a start gives an address that is free now, and hosts says so', async () => {
    await rt().out([
      'create',
      '--name=net',
      '--network=bridge',
      'busybox',
      'sh',
      '-c',
      'cat /etc/hosts; ip -4 -o addr show eth0',
    ])
    const address = (text: string) => /inet ([\d.]+)\//.exec(text)?.[1] ?? 'none'
    const first = await rt().out(['start', '-a', 'net'])
    const second = await rt().out(['start', '-a', 'net'])
    expect(first).toContain(`${address(first)}\t`)
    expect(second).toContain(`${address(second)}\t`)
    expect(address(second)).toMatch(/^172\.16\./)
    await rt().out(['rm', 'net'])
  })

  it('-e NAME keeps the value that it had at create', async () => {
    await rt().out(
      ['create', '--name=env', '--network=none', '-e', 'WORD', '-e', 'NONE', 'busybox', 'sh', '-c', 'echo $WORD-$NONE'],
      {
        env: { WORD: 'then' },
      },
    )
    expect(await rt().out(['start', '-a', 'env'], { env: { WORD: 'now', NONE: 'now' } })).toBe('then-\n')
    await rt().out(['rm', 'env'])
  })

  it('-i: standard input goes in where the container was made with one', async () => {
    await rt().out(['create', '--name=in', '-i', '--network=none', 'busybox', 'cat'])
    expect(await rt().out(['start', '-ai', 'in'], { input: 'hello\n' })).toBe('hello\n')
    await rt().out(['rm', 'in'])
  })

  it('-ai in a terminal: the container has its own, and its files are as they were left', async () => {
    await rt().out(['create', '--name=shell', '-it', '--network=none', 'busybox', 'sh'])
    for (const [type, wanted] of [
      ['tty; echo kept >/kept; exit 5\n', /\/dev\/(pts|console)/],
      ['cat /kept; exit 5\n', /kept\r?\n.*kept|\nkept/],
    ] as const) {
      const terminal = rt().pty(['start', '-ai', 'shell'])
      await terminal.waitFor(/[#$] /)
      terminal.write(type)
      await terminal.waitFor(wanted)
      expect(await terminal.exit).toMatchObject({ code: 5 })
    }
    await rt().out(['rm', 'shell'])
  })

  it('-ai with detach keys of one\u2019s own, and without signals that go on to it', async () => {
    await rt().out(['create', '--name=shell', '-it', '--network=none', 'busybox', 'sh'])
    const terminal = rt().pty(['start', '-ai', '--detach-keys=ctrl-a,d', 'shell'])
    await terminal.waitFor(/[#$] /)
    terminal.write('\x01d')
    expect(await terminal.exit).toMatchObject({ code: 0 })
    expect(await rt().out(['ps', '--format', '{Names}'])).toBe('shell\n')
    await rt().out(['rm', '-f', 'shell'])
    await rt().out([
      'create',
      '--name=tick',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      'while echo tick; do sleep 0.1; done',
    ])
    const client = rt().spawn(['start', '-a', '--sig-proxy=false', 'tick'])
    await client.waitFor(/tick/)
    await client.kill('SIGTERM')
    expect(await client.exit).toMatchObject({ signal: 'SIGTERM' })
    expect(await rt().out(['ps', '--format', '{Names}'])).toBe('tick\n')
    await rt().out(['rm', '-f', 'tick'])
  })

  it('many at once: the names are printed in the order in which they were given, one that runs already is no error, one that fails does not keep the others', async () => {
    const before = await rt().world.snapshot()
    for (const name of ['a1', 'a2', 'a3'])
      await rt().out(['create', `--name=${name}`, '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().out(['create', '--name=broken', '--network=none', 'busybox', 'no-such-program'])
    expect(await rt().out(['start', 'a1'])).toBe('a1\n')
    const { code, stdout, stderr } = await rt().run(['start', 'a1', 'broken', 'a2', 'nobody', 'a3'])
    expect(code).toBe(1)
    expect(stdout).toBe('a1\na2\na3\n')
    expect(stderr).toMatch(/RT_COMMAND_NOT_FOUND[\s\S]*RT_CONTAINER_UNKNOWN/)
    expect((await rt().out(['ps', '-q'])).trim().split('\n')).toHaveLength(3)
    await rt().out(['rm', '-f', 'a1', 'a2', 'a3', 'broken'])
    await rt().world.expectNoLeaks(before)
  })

  it('a start that fails leaves the container, with the exit status that tells why', async () => {
    const before = await rt().world.snapshot()
    await rt().out([
      'create',
      '--name=broken',
      '--network=bridge',
      'busybox',
      '/bin/sh',
      '-c',
      'rm -f /bin/sh; echo done',
    ])
    expect(await rt().out(['start', '-a', 'broken'])).toBe('done\n')
    // What the program did to its own root is what the next start finds.
    const found = readComplaint(await rt().run(['start', 'broken']))
    expect(found).toMatchObject({ code: 'RT_COMMAND_NOT_FOUND', exitCode: 1 })
    expect(statusOf(await rt().out(['ps', '-a']), 'broken')).toContain('Exited (127)')
    await rt().out(['rm', 'broken'])
    await rt().world.expectNoLeaks(before)
  })

  it('--rm: gone after the start, whether it failed or not', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['create', '--rm', '--name=once', '--network=bridge', 'busybox', 'true'])
    expect(await rt().out(['start', '-a', 'once'])).toBe('')
    await rt().out(['create', '--rm', '--name=once', '--network=bridge', 'busybox', 'no-such-program'])
    expect((await rt().run(['start', 'once'])).code).toBe(1)
    expect(await rt().out(['ps', '-aq'])).toBe('')
    await rt().world.expectNoLeaks(before)
  })

  it('a start right after the end waits for the shim to clean up', async () => {
    await rt().out(['run', '--name=quick', '--network=bridge', 'busybox', 'true'])
    for (let n = 0; n < 5; n++) expect(await rt().out(['start', 'quick'])).toBe('quick\n')
    expect(await rt().out(['wait', 'quick'])).toBe('0\n')
    await rt().out(['rm', 'quick'])
  })

  it('two starts at once are one', async () => {
    await rt().out(['create', '--name=one', '--network=bridge', 'busybox', 'sleep', '1001'])
    const results = await Promise.all([rt().run(['start', 'one']), rt().run(['start', 'one'])])
    for (const result of results) expect(result).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' })
    expect((await rt().host.sh("ps -eo args | grep -c '[s]leep 1001'")).trim()).toBe('1')
    await rt().out(['rm', '-f', 'one'])
  })

  it('of a container whose image is gone', async () => {
    await rt().host.sh('mkdir -p tree/bin; cp "$(command -v busybox)" tree/bin/sh; tar -C tree -cf own.tar .')
    await rt().out(['import', 'own', 'own.tar'])
    await rt().out(['create', '--name=orphan', '--network=none', 'own', 'sh', '-c', 'exit 0'])
    const kept = await rt().run(['rmi', 'own'])
    expect(kept.stderr).toContain('RT_IMAGE_IN_USE')
    await rt().host.sh('rm /var/lib/rt/images/configs/* 2>/dev/null || find /var/lib/rt/images -name "*.json" -delete')
    const found = readComplaint(await rt().run(['start', 'orphan']))
    expect(found).toMatchObject({ code: 'RT_IMAGE_UNKNOWN', exitCode: 1 })
    expect(found.sentence).toContain('orphan')
    await rt().out(['rm', 'orphan'])
  })
})

describe.skipIf(cannotRun)('kill -9 in the middle', () => {
  const rt = useRt()

  it('of create: before it says its id the next rt leaves nothing, whatever the step; at the end all of it is there', async () => {
    const before = await rt().world.snapshot()
    const kept: number[] = []
    let step = 1
    for (; ; step++) {
      const { code } = await rt().run(['create', '--name=half', '--network=bridge', 'busybox', 'true'], {
        env: { RT_TEST_STOP_AT: String(step) },
      })
      if (code === 0) break
      if ((await rt().out(['ps', '-aq'])) !== '') {
        kept.push(step)
        expect(await rt().out(['start', '-a', 'half'])).toBe('')
        await rt().out(['rm', 'half'])
      }
      await rt().world.expectNoLeaks(before)
    }
    // The last steps only: those after the way back was taken away.
    expect(step).toBeGreaterThan(6)
    expect(kept).toEqual([step - 3, step - 2, step - 1])
    await rt().out(['rm', 'half'])
  })

  it('of a start: the container is kept with its files, whatever the step', async () => {
    const before = await rt().world.snapshot()
    await rt().out([
      'create',
      '--name=box',
      '--network=bridge',
      '--storage=copy',
      'busybox',
      'sh',
      '-c',
      'cat /kept; echo x >>/kept',
    ])
    let step = 1
    for (; ; step += 3) {
      const { code, signal, stdout, stderr } = await rt().run(['start', '-a', 'box'], {
        env: { RT_TEST_STOP_AT: String(step) },
      })
      if (stderr.startsWith('cat:')) {
        expect({ stdout, stderr }).toEqual({
          stdout: '',
          stderr: "cat: can't open '/kept': No such file or directory\n",
        })
        break
      }
      // First it is rt itself that is killed, later the monitor, and then its client tells.
      if (code === null) expect(signal).toBe('SIGKILL')
      else expect({ code, stderr }).toEqual({ code: 125, stderr: "rt: the container's monitor was killed\n" })
      expect(statusOf(await rt().out(['ps', '-a']), 'box')).toMatch(/Dead \(its monitor was killed\)/)
    }
    expect(step).toBeGreaterThan(30)
    expect(await rt().out(['start', '-a', 'box'])).toBe('x\n')
    await rt().out(['rm', 'box'])
    await rt().world.expectNoLeaks(before)
  })

  it('of the monitor: dead, with the reason, in ps and inspect; it can be started again', async () => {
    await rt().out(['run', '-d', '--name=dead', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim (background|monitor)/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 1001'))
    expect(await rt().out(['wait', 'dead'])).toBe('137\n')
    expect(statusOf(await rt().out(['ps', '-a']), 'dead')).toMatch(/Dead \(its monitor was killed\)/)
    const [view] = JSON.parse(await rt().out(['inspect', 'dead']))
    expect(view.State).toMatchObject({ Status: 'dead', Dead: true, ExitCode: 137, Error: 'its monitor was killed' })
    expect(await rt().out(['start', 'dead'])).toBe('dead\n')
    await rt().out(['rm', '-f', 'dead'])
  })
})
