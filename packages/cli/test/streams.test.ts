import { dirname, join } from 'node:path'
import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, launcher, RT, until, useRt } from './rt.ts'

const run = ['run', '--rm', '--network=none']

describe.skipIf(cannotRun)('a container\u2019s streams', () => {
  const rt = useRt()

  it('standard input from a pipe is connected, output and errors stay apart', async () => {
    const script = 'read line; echo "out $line"; echo "err $line" >&2'
    const result = await rt().run([...run, 'busybox', 'sh', '-c', script], { input: 'hello\n' })
    expect(result).toEqual({ code: 0, signal: null, stdout: 'out hello\n', stderr: 'err hello\n' })
  })

  it('an empty standard input ends at once', async () => {
    expect(await rt().out([...run, 'busybox', 'cat'])).toBe('')
  })

  describe.each([
    ['with the caller\u2019s own descriptors', run],
    ['with a monitor between them', [...run, '--sig-proxy=false']],
  ])('%s', (_, words) => {
    it('carries bytes as they are, megabytes of them', async () => {
      const sums = await rt().host.sh(`
        head -c 4000000 /dev/urandom >data
        sha256sum <data
        ${RT} ${words.join(' ')} busybox cat <data | sha256sum
        cat data | ${RT} ${words.join(' ')} busybox sh -c 'cat; echo >&2' 2>/dev/null | sha256sum`)
      const [original, ...copies] = sums.trim().split('\n')
      expect(copies).toEqual([original, original])
    })

    it('a reader that goes away ends the writer as in any pipe, and rt without a word', async () => {
      const script = `${RT} ${words.join(' ')} busybox yes | head -1; echo "\${PIPESTATUS[0]}"`
      const result = await rt().host.run(['bash', '-c', script])
      // busybox ends by SIGPIPE (128 + 13), or says that it could not write.
      expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^y\n(141|1)\n$/) })
      expect(result.stderr).not.toContain('rt:')
    })

    it('a program that does not read its input to the end', async () => {
      const script = `head -c 10000000 /dev/zero | ${RT} ${words.join(' ')} busybox head -c 3 | wc -c`
      expect(await rt().host.sh(script)).toBe('3\n')
    })

    it('a reader that is slower than the container holds it back, and loses nothing', {
      timeout: patience(90_000),
    }, async () => {
      // More than a spool may hold, and a reader that begins when it is full.
      const script = `${RT} ${words.join(' ')} busybox sh -c 'yes | head -c 80000000' | (sleep 1; wc -c)`
      expect(await rt().host.sh(script, { timeout: 60_000 })).toBe('80000000\n')
    })
  })

  // What is under way has no place in memory: it must wait in pipes, or in a spool.
  it.each([
    ['the caller\u2019s own descriptors', []],
    ['a monitor between them', ['--sig-proxy=false']],
  ])('256 MiB through a container arrive as they were: %s', { timeout: patience(120_000) }, async (_, flags) => {
    const sums = await rt().host.sh(
      `make() { openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero 2>/dev/null | head -c 268435456; }
      make | sha256sum
      make | ${RT} ${run.join(' ')} -i ${flags.join(' ')} busybox cat | sha256sum`,
      { timeout: 100_000 },
    )
    const [original, copy] = sums.trim().split('\n')
    expect(copy).toBe(original)
  })

  it('whoever was told of the end finds everything done', async () => {
    for (const flags of [[], ['--rm', '--sig-proxy=false'], ['--sig-proxy=false']]) {
      // Looked at by the shell that waited, before another rt could tidy up.
      const found = await rt().host.sh(`
        ${RT} run --network=none ${flags.join(' ')} busybox sh -c 'exit 3' || echo "code $?"
        ls /run/rt/containers; cat /var/lib/rt/containers/*/exit 2>/dev/null | cut -d' ' -f1,2
        ${RT} ps -a --format '{Status}'`)
      const [code, ...rest] = found.trim().split('\n')
      expect(code).toBe('code 3')
      if (flags.includes('--rm')) expect(rest).toEqual([])
      else expect(rest).toEqual(['3 0', expect.stringMatching(/^Exited \(3\) /)])
      await rt().out(['prune', '-f'])
    }
  })

  it('output that nobody wants, even rt\u2019s own', async () => {
    const result = await rt().host.run(['bash', '-c', `${RT} help run | head -1; echo "\${PIPESTATUS[0]}"`])
    expect(result.stderr).toBe('')
    expect(result.stdout).toMatch(/\n0\n$/)
  })

  it('-d prints the id and lets the caller go; inspect and ps know it', async () => {
    const before = await rt().world.snapshot()
    const id = (await rt().out(['run', '-d', '--network=none', '--name=bg', 'busybox', 'sleep', '1000'])).trim()
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await rt().out(['ps', '-q', '--no-trunc'])).toBe(`${id}\n`)
    const [view] = JSON.parse(await rt().out(['inspect', id.slice(0, 8)]))
    expect(view).toMatchObject({ Id: id, Name: '/bg', State: { Running: true }, Path: 'sleep', Args: ['1000'] })
    expect(await rt().host.sh(`tr '\\0' ' ' </proc/${view.State.Pid}/cmdline`)).toBe('sleep 1000 ')
    expect(await rt().out(['rm', '-f', 'bg'])).toBe('bg\n')
    await rt().world.expectNoLeaks(before)
  })

  it('one that ended stays, with its status, until it is removed', async () => {
    const before = await rt().world.snapshot()
    expect((await rt().run(['run', '--network=none', '--name=done', 'busybox', 'sh', '-c', 'exit 9'])).code).toBe(9)
    expect(await rt().out(['ps'])).not.toContain('done')
    expect(await rt().out(['ps', '-a'])).toMatch(/Exited \(9\) .* ago +done/)
    expect(await rt().out(['rm', 'done'])).toBe('done\n')
    await rt().world.expectNoLeaks(before)
  })
})

describe.skipIf(cannotRun)('exit statuses and signals', () => {
  const rt = useRt()

  it.each([0, 1, 7, 42, 255])('the program\u2019s own: %i', async (code) => {
    expect((await rt().run([...run, 'busybox', 'sh', '-c', `exit ${code}`])).code).toBe(code)
  })

  it.each([
    [125, ['no-such-image', 'true']],
    [126, ['busybox', '/etc/passwd']],
    [127, ['busybox', 'no-such-command']],
  ])('%i', async (code, words) => {
    expect((await rt().run([...run, ...words])).code).toBe(code)
  })

  // The first process of a pid namespace is spared all signals but SIGKILL unless it handles them: pid_namespaces(7).
  it('128 + n for a program that signal n ended', async () => {
    const before = await rt().world.snapshot()
    const container = rt().spawn([...run, '--name=target', 'busybox', 'sh', '-c', 'echo ready; exec sleep 1000'])
    await container.waitFor(/ready/)
    const [view] = JSON.parse(await rt().out(['inspect', 'target']))
    await rt().host.sh(`kill -9 ${view.State.Pid}`)
    expect(await container.exit).toEqual({ code: 137, signal: null })
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['SIGTERM', 'TERM'],
    ['SIGINT', 'INT'],
    ['SIGHUP', 'HUP'],
    ['SIGUSR1', 'USR1'],
  ] as const)('%s to rt reaches the program', async (signal, name) => {
    const script = `trap "echo got ${name}; exit 3" ${name}; echo ready; while :; do sleep 0.02; done`
    const container = rt().spawn([...run, 'busybox', 'sh', '-c', script])
    await container.waitFor(/ready/)
    await container.kill(signal)
    await container.waitFor(new RegExp(`got ${name}`))
    expect(await container.exit).toEqual({ code: 3, signal: null })
  })

  describe('a caller whose shim is slow to take over from Node', () => {
    // Signals end Node. So the program must not have begun before the shim is there, whatever has been prepared meanwhile.
    const slow = { env: { RT_SHIM: '/root/slow-shim' } }
    const script = 'trap "echo got USR1; exit 3" USR1; echo ready; while :; do sleep 0.02; done'

    it.each([
      ['run', ['run', '--rm', '--network=none', 'busybox'], 'monitor'],
      ['exec', ['exec', 'box'], 'exec'],
    ])('%s: a signal reaches the program', async (command, words, mode) => {
      const shim = join(dirname(launcher), 'rt-shim')
      const wrapper = `#!/bin/sh\n[ "$1" = ${mode} ] && sleep 0.5\nexec ${shim} "$@"\n`
      await rt().host.write('/root/slow-shim', wrapper, 0o755)
      if (command === 'exec') await rt().out(['run', '-d', '--name=box', '--network=none', 'busybox', 'sleep', '1000'])
      const container = rt().spawn([...words, 'sh', '-c', script], slow)
      await container.waitFor(/ready/)
      await container.kill('SIGUSR1')
      await container.waitFor(/got USR1/)
      expect(await container.exit).toEqual({ code: 3, signal: null })
    })

    it('killed before that, exec leaves nothing in the container', async () => {
      const shim = join(dirname(launcher), 'rt-shim')
      // It waits in the opening of a pipe, however long the looks at the container take.
      await rt().host.sh('mkfifo never')
      const wrapper = `#!/bin/sh\n[ "$1" = exec ] && read line </root/never\nexec ${shim} "$@"\n`
      await rt().host.write('/root/slow-shim', wrapper, 0o755)
      const processes = () => rt().out(['top', 'box'])
      const before = await processes()
      const caller = rt().spawn(['exec', 'box', 'sh', '-c', 'echo ran >/ran; exec sleep 1000'], slow)
      await until('it is prepared', async () => (await processes()) !== before)
      await caller.kill('SIGKILL')
      await until('it is gone', async () => (await processes()) === before)
      expect((await rt().run(['exec', 'box', 'ls', '/ran'])).code).toBe(1)
    })
  })

  it('kill -9 of rt ends the container', async () => {
    const before = await rt().world.snapshot()
    const container = rt().spawn([...run, 'busybox', 'sh', '-c', 'echo ready; sleep 1234 & exec sleep 1235'])
    await container.waitFor(/ready/)
    await container.kill('SIGKILL')
    await container.exit
    await until('the sleepers are gone', async () => !(await rt().host.sh('ps ax')).includes('sleep 123'))
    await rt().out(['ps'])
    await rt().world.expectNoLeaks(before)
  })

  it('no process of Node stays while it runs', async () => {
    const container = rt().spawn([...run, 'busybox', 'sh', '-c', 'echo ready; read line'])
    await container.waitFor(/ready/)
    expect(await rt().host.sh('ls -l /proc/[0-9]*/exe')).not.toMatch(/\/node\n/)
    container.write('\n')
    await container.exit
  })
})
