import type { Terminal } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

const ESC = '\x1b'
const PROMPT = new RegExp(`# (${ESC}\\[6n)?$`)
const DEFAULT_CAPS = '00000000a80425fb'
const status = (text: string, key: string) => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(text)?.[1]

describe.skipIf(cannotRun)('rt exec', () => {
  const rt = useRt({ internet: false })
  const out = (...words: string[]) => rt().out(['exec', ...words])
  /** What a script says in the container. */
  const inside = (script: string) => out('box', 'sh', '-c', script)
  /** Ends a program of a container from outside. The world has processes of its own only. */
  const end = (command: string) => rt().host.sh(`kill $(pgrep -xf "${command}")`)
  const shims = async () => Number(await rt().host.sh('pgrep -c rt-shim || true'))

  beforeAll(async () => {
    await rt().out(['run', '-d', '--name=box', '--network=none', '-e', 'KEPT=yes', 'busybox', 'sleep', '100000'])
  })
  afterAll(async () => {
    await rt().out(['rm', '-f', 'box'])
  })

  it('runs in all of the container: its processes, network, files, host name, control groups', async () => {
    const script = `hostname; cat /proc/1/cmdline | tr '\\0' ' '; echo; ip -o link | wc -l; cat /etc/hostname
      for n in mnt pid net uts ipc cgroup; do [ "$(readlink /proc/self/ns/$n)" = "$(readlink /proc/1/ns/$n)" ] && echo same $n; done
      cmp /proc/self/cgroup /proc/1/cgroup && echo same cgroups; readlink /proc/self/root; ls /proc/self/fd | wc -l`
    const lines = (await inside(script)).trim().split('\n')
    const [{ Id }] = JSON.parse(await rt().out(['inspect', 'box']))
    const name = Id.slice(0, 12)
    const namespaces = ['mnt', 'pid', 'net', 'uts', 'ipc', 'cgroup'].map((type) => `same ${type}`)
    // Its three streams, and the directory that ls reads.
    expect(lines).toEqual([name, 'sleep 100000 ', '1', name, ...namespaces, 'same cgroups', '/', '4'])
  })

  it('its processes are in the control groups on the host, too', async () => {
    const sleeper = rt().spawn(['exec', 'box', 'sh', '-c', 'echo up; exec sleep 4242'])
    await sleeper.waitFor(/up/)
    const pid = (await rt().host.sh('pgrep -xf "sleep 4242"')).trim()
    const [{ State }] = JSON.parse(await rt().out(['inspect', 'box']))
    expect(await rt().host.sh(`cmp /proc/${pid}/cgroup /proc/${State.Pid}/cgroup && echo same`)).toBe('same\n')
    expect(await rt().host.sh(`cat /proc/${pid}/cgroup`)).toContain('/rt-')
    await sleeper.kill('SIGTERM')
    expect(await sleeper.exit).toEqual({ code: 143, signal: null })
  })

  it('has the container\u2019s environment, then its own; HOME by the user; TERM with a terminal only', async () => {
    await rt().host.write('/root/env', 'FROM_FILE=1\nBOTH=file\n')
    const flags = ['-e', 'OWN=2', '-e', 'BOTH=flag', '-e', 'CALLER', '--env-file=/root/env', 'box', 'env']
    const env = await rt().out(['exec', ...flags], { env: { CALLER: 'given', SECRET: 'hidden' } })
    const vars = Object.fromEntries(env.split('\n').map((line) => line.split('=')))
    expect(vars).toMatchObject({ KEPT: 'yes', OWN: '2', FROM_FILE: '1', BOTH: 'flag', CALLER: 'given', HOME: '/root' })
    expect(vars).not.toHaveProperty('SECRET')
    expect(vars).not.toHaveProperty('TERM')
    expect(await out('-u', '1234', 'box', 'sh', '-c', 'echo $HOME')).toBe('/\n')
  })

  it('-w and -u', async () => {
    expect(await out('-w', '/etc', 'box', 'pwd')).toBe('/etc\n')
    expect(await out('-u', '1000:7', 'box', 'id')).toBe('uid=1000 gid=7 groups=7\n')
  })

  it('has the container\u2019s rights, all of them with --privileged, and none as another user', async () => {
    const text = await out('box', 'cat', '/proc/self/status')
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(status(text, set), set).toBe(DEFAULT_CAPS)
    for (const set of ['CapInh', 'CapAmb']) expect(status(text, set), set).toBe('0000000000000000')
    expect(status(text, 'Seccomp')).toBe('2')
    const user = await out('-u', '1000', 'box', 'cat', '/proc/self/status')
    expect(status(user, 'CapEff')).toBe('0000000000000000')
    const mine = status(await rt().host.sh('cat /proc/self/status'), 'CapEff')
    const privileged = await out('--privileged', 'box', 'cat', '/proc/self/status')
    expect(status(privileged, 'CapEff')).toBe(mine)
    expect(status(privileged, 'Seccomp')).toBe('0')
    expect(await out('--privileged', 'box', 'sh', '-c', 'mount -t tmpfs x /tmp && echo ok')).toBe('ok\n')
    expect(await inside('umount /tmp 2>/dev/null || echo refused')).toBe('refused\n')
    await out('--privileged', 'box', 'sh', '-c', 'umount /tmp')
  })

  it.each([
    [0, ['true']],
    [7, ['sh', '-c', 'exit 7']],
    [137, ['sh', '-c', 'kill -9 $$']],
    [141, ['sh', '-c', 'kill -PIPE $$']],
  ])('ends with %i as its program did', async (code, words) => {
    expect(await rt().run(['exec', 'box', ...words])).toMatchObject({ code, stdout: '', stderr: '' })
  })

  it.each([
    ['an unknown program', ['box', 'nope'], 'RT_COMMAND_NOT_FOUND', 127],
    ['an unknown program in the background', ['-d', 'box', 'nope'], 'RT_COMMAND_NOT_FOUND', 127],
    ['a directory', ['box', '/etc'], 'RT_COMMAND_NOT_EXECUTABLE', 126],
    ['a directory that is not there', ['-w', '/nope', 'box', 'true'], 'RT_STEP_FAILED', 126],
    ['a user that is not there', ['-u', 'nobodyelse', 'box', 'true'], 'RT_USER_UNKNOWN', 126],
    ['a container that is not there', ['nobox', 'true'], 'RT_CONTAINER_UNKNOWN', 1],
    ['no command', ['box'], 'RT_USAGE', 1],
    ['-it without a terminal', ['-it', 'box', 'sh'], 'RT_USAGE', 1],
    ['keys that are none', ['--detach-keys=ctrl-1', 'box', 'true'], 'RT_USAGE', 125],
    ['a relative -w', ['-w', 'etc', 'box', 'true'], 'RT_USAGE', 125],
  ])('is refused %s, and leaves nothing', async (_, words, code, exitCode) => {
    expect(await rt().complaint(['exec', ...words])).toMatchObject({ code, exitCode })
    expect(await inside('[ -e /nope ] || echo none')).toBe('none\n')
  })

  it('is refused in a container that has ended', async () => {
    await rt().run(['run', '--name=over', '--network=none', 'busybox', 'true'])
    const complaint = await rt().complaint(['exec', 'over', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING', exitCode: 1 })
    expect(complaint.sentence).toBe('The container over is not running')
    await rt().out(['rm', 'over'])
  })

  it('a status file that tells of another process is not believed', async () => {
    await rt().out(['run', '-d', '--name=stale', '--network=none', 'busybox', 'sleep', '100000'])
    const [{ Id }] = JSON.parse(await rt().out(['inspect', 'stale']))
    // The number of somebody else's process, with the start time of ours.
    await rt().host.sh(`f=/run/rt/containers/${Id}/status; cp $f /root/kept; sed -E 's/^[0-9]+/1/' /root/kept >$f`)
    const { code } = readComplaint(await rt().run(['exec', 'stale', 'true']))
    expect(code).toBe('RT_CONTAINER_NOT_RUNNING')
    await rt().host.sh(`cat /root/kept >/run/rt/containers/${Id}/status`)
    await rt().out(['rm', '-f', 'stale'])
  })

  it('-i connects standard input, bytes as they are; without it a loop keeps its lines', async () => {
    const sums = await rt().host.sh(`
      head -c 3000000 /dev/urandom >data; sha256sum <data
      ${RT} exec -i box cat <data | sha256sum
      cat data | ${RT} exec -i box sh -c 'cat; echo err >&2' 2>/dev/null | sha256sum`)
    const [original, ...copies] = sums.trim().split('\n')
    expect(copies).toEqual([original, original])
    const loop = `printf 'a\\nb\\n' | while read line; do ${RT} exec box cat; echo "$line"; done`
    expect(await rt().host.sh(loop)).toBe('a\nb\n')
  })

  it('passes signals on', async () => {
    const script = 'trap "echo got it; exit 3" TERM; echo up; while :; do sleep 0.02; done'
    const program = rt().spawn(['exec', 'box', 'sh', '-c', script])
    await program.waitFor(/up/)
    await program.kill('SIGTERM')
    expect(await program.exit).toEqual({ code: 3, signal: null })
    expect(program.stdout).toBe('up\ngot it\n')
  })

  it('-d leaves the program to itself, with a small process that waits for it', async () => {
    const before = await shims()
    expect(await out('-d', 'box', 'sh', '-c', 'echo lost; sleep 5151; true')).toBe('')
    await until('it runs', async () => (await inside('ps')).includes('sleep 5151'))
    expect(await shims()).toBe(before + 1)
    await end('sleep 5151')
    await until('nothing is left of it', async () => (await shims()) === before)
    expect(await inside('ps')).not.toMatch(/5151|\[/)
  })

  it('a caller that stands still does not keep the container from ending', async () => {
    await rt().out(['run', '-d', '--name=short', '--network=none', 'busybox', 'sleep', '100000'])
    const script = `mkfifo up; ${RT} exec short sh -c 'echo; exec sleep 6060' >up & client=$!; read line <up
      kill -STOP $client; ${RT} rm -f short; kill -CONT $client; wait $client || echo $?`
    expect(await rt().host.sh(script)).toBe('short\n137\n')
  })

  it('a program outlives its killed client, and ends with the container', async () => {
    await rt().out(['run', '-d', '--name=short', '--network=none', 'busybox', 'sleep', '100000'])
    const client = rt().spawn(['exec', 'short', 'sh', '-c', 'echo up; exec sleep 6161'])
    await client.waitFor(/up/)
    await client.kill('SIGKILL')
    await until(
      'the client is gone',
      async () => (await rt().host.sh(`[ -e /proc/${await client.pid} ] || echo gone`)) !== '',
    )
    expect(await rt().host.sh('pgrep -xfc "sleep 6161"')).toBe('1\n')
    await rt().out(['rm', '-f', 'short'])
    expect(await rt().host.sh('pgrep -xfc "sleep 6161" || true')).toBe('0\n')
  })

  it('leaves nothing', async () => {
    const before = await rt().world.snapshot()
    await out('box', 'true')
    await out('-d', 'box', 'true')
    await rt().run(['exec', 'box', 'nope'])
    await rt().world.expectNoLeaks(before)
  })

  describe('in a terminal', () => {
    const type = async (terminal: Terminal, line: string): Promise<void> => {
      await terminal.waitFor(PROMPT)
      terminal.write(`${line}\r`)
    }
    const shell = (...flags: string[]) => rt().pty(['exec', ...flags, 'box', 'sh'], { rows: 30, columns: 100 })

    it('gives one of the container\u2019s own, with job control, ^C and the window\u2019s size', async () => {
      const terminal = shell('-it')
      await type(terminal, 'tty; stty size; echo $TERM')
      await terminal.waitFor(/\/dev\/pts\/\d+\r\n30 100\r\nxterm\r\n/)
      await type(terminal, "sh -c 'echo slee''ping; exec sleep 1000'")
      await terminal.waitFor(/sleeping/)
      terminal.write('\x03')
      await type(terminal, 'echo status $?')
      await terminal.waitFor(/status 130\r\n/)
      await type(terminal, "sh -c 'trap \"stty size; exit\" WINCH; echo wa''it; while :; do sleep 0.02; done'")
      await terminal.waitFor(/wait\r\n/)
      terminal.resize(45, 120)
      await terminal.waitFor(/45 120\r\n/)
      await type(terminal, 'exit 9')
      expect(await terminal.exit).toEqual({ code: 9, signal: null })
    })

    it('is the default for a person, and -t alone reads nothing', async () => {
      const terminal = rt().pty(['exec', 'box', 'sh', '-c', 'tty'])
      await terminal.waitFor(/\/dev\/pts\/\d+\r\n/)
      expect((await terminal.exit).code).toBe(0)
      const script = `printf 'one\\ntwo\\n' | { ${RT} exec -t box sh -c 'tty >/dev/null && echo terminal'; cat; }`
      expect((await rt().host.sh(script)).replaceAll('\r', '')).toBe('terminal\none\ntwo\n')
    })

    it('vi edits a file', async () => {
      const terminal = rt().pty(['exec', '-it', 'box', 'vi', '/root-file'], { rows: 30, columns: 100 })
      await terminal.waitFor(/\/root-file/)
      terminal.write('ihello from vi\x1b')
      await terminal.waitFor(/hello from vi/)
      terminal.write(':wq\r')
      expect((await terminal.exit).code).toBe(0)
      expect(await out('box', 'cat', '/root-file')).toBe('hello from vi\n')
    })

    it('all that a short program writes is shown, whoever it leaves behind', async () => {
      const terminal = rt().pty(['exec', '-it', 'box', 'sh', '-c', 'trap "" HUP; sleep 7171 & seq 1 3000; echo done'])
      expect((await terminal.exit).code).toBe(0)
      expect(terminal.stdout.replaceAll('\r', '')).toBe(
        `${Array.from({ length: 3000 }, (_, i) => `${i + 1}\n`).join('')}done\n`,
      )
      await end('sleep 7171')
    })

    it.each([
      ['ctrl-p,ctrl-q', [], '\x10\x11'],
      ['keys of one\u2019s own', ['--detach-keys=ctrl-x,d'], '\x18d'],
    ])('%s leave the program to itself, which goes on', async (_, flags, keys) => {
      const script = `stty -a >/root/before; ${RT} exec -it ${flags.join(' ')} box sh; echo "ended with $?"; stty -a >/root/after
        cmp /root/before /root/after && echo same`
      const terminal = rt().host.pty(['sh', '-c', script])
      await type(terminal, 'trap "" HUP; rm -f /got; touch /there')
      // What only begins like the keys is typed as it is.
      await type(terminal, `echo rea''dy; cat >/dev/null; echo and o''n; read x; echo "$x" >/got; exec sleep 8181`)
      await terminal.waitFor(/ready\r\n/)
      terminal.write(`${keys[0]}x\x04\x04`)
      await terminal.waitFor(/and on/)
      terminal.write('line\r')
      await until('it was read', async () => (await inside('cat /got 2>/dev/null || true')).includes('line'))
      terminal.write(keys)
      await terminal.waitFor(/ended with 0\r\nsame\r\n/)
      expect((await terminal.exit).code).toBe(0)
      expect(await rt().host.sh('pgrep -xfc "sleep 8181"')).toBe('1\n')
      await end('sleep 8181')
      await until('nobody holds its terminal', async () => (await shims()) === 1)
    })

    it('the terminal is as it was when the container ends meanwhile', async () => {
      await rt().out(['run', '-d', '--name=victim', '--network=none', 'busybox', 'sleep', '100000'])
      const script = `stty -a >/root/before; ${RT} exec -it victim sh; echo "ended with $?"; stty -a >/root/after
        cmp /root/before /root/after && echo same`
      const terminal = rt().host.pty(['sh', '-c', script])
      await terminal.waitFor(PROMPT)
      await rt().out(['rm', '-f', 'victim'])
      await terminal.waitFor(/ended with 137\r\nsame\r\n/)
    })
  })

  it('-dt has a terminal that somebody holds until the program ends', async () => {
    await out('-dt', 'box', 'sh', '-c', 'tty >/tty; sleep 9191; echo ended >>/tty')
    await until('it runs', async () => (await inside('ps')).includes('sleep 9191'))
    expect(await shims()).toBe(2)
    await end('sleep 9191')
    await until('it has ended', async () => (await shims()) === 1)
    expect(await inside('cat /tty')).toMatch(/^\/dev\/pts\/\d+\nended\n$/)
  })
})

describe.skipIf(cannotRun)('the shim cannot be written to from inside (CVE-2019-5736)', () => {
  const rt = useRt({ internet: false })
  /**
   * An interpreter line that has the program executed from which the container's process came; it then waits at a FIFO that it takes for
   * a cgroup's file.
   */
  const evil = '#!/proc/self/exe sealed\n'
  const checksum = () =>
    rt().host.sh('sha256sum "$(dirname "$LAUNCHER")/rt-shim"', { env: { LAUNCHER: RT.split(' ').at(-1) } })
  /** Tries every way that a name in /proc gives: while it runs, and by a descriptor that outlives it. */
  const attack = (pid: string) => `
    readlink /proc/${pid}/exe
    dd if=/bin/true of=/proc/${pid}/exe conv=notrunc 2>/dev/null && echo WRITTEN
    exec 9</proc/${pid}/exe || exit
    kill -9 ${pid}; while [ ${pid} != 1 ] && [ -e /proc/${pid} ]; do sleep 0.02; done
    dd if=/bin/true of=/proc/self/fd/9 conv=notrunc 2>/dev/null && echo WRITTEN
    { true >/proc/self/fd/9; } 2>/dev/null && echo WRITTEN; chmod 777 /proc/self/fd/9 && { echo x >>/proc/self/fd/9; } 2>/dev/null && echo WRITTEN
    echo tried`

  it('by a program that is entered', async () => {
    const before = await checksum()
    await rt().out(['run', '-d', '--name=trap', '--network=none', 'busybox', 'sleep', '100000'])
    await rt().out(
      ['exec', '-i', 'trap', 'sh', '-c', 'cat >/evil; chmod +x /evil; mkdir /group; mkfifo /group/tasks'],
      { input: evil },
    )
    await rt().out(['exec', '-d', 'trap', '/evil', '-', '/group'])
    const find = 'cd /proc; for p in [1-9]*; do case $(readlink $p/exe) in *rt-shim*) echo $p;; esac; done'
    await until('it waits', async () => (await rt().out(['exec', 'trap', 'sh', '-c', find])) !== '')
    const pid = (await rt().out(['exec', 'trap', 'sh', '-c', find])).trim()
    expect(await rt().out(['exec', 'trap', 'sh', '-c', attack(pid)])).toBe('/memfd:rt-shim (deleted)\ntried\n')
    await rt().out(['rm', '-f', 'trap'])
    expect(await checksum()).toBe(before)
  })

  it.each([
    ['the first process', [], ['/evil', '-', '/group']],
    ['the one that stays with --init', ['--init'], ['sleep', '100000']],
  ])('by %s of a container', async (_, flags, words) => {
    const before = await checksum()
    await rt().host.write('/root/evil', evil, 0o755)
    await rt().host.sh('mkdir -p /root/group; [ -p /root/group/tasks ] || mkfifo /root/group/tasks')
    const binds = ['-v', '/root/evil:/evil', '-v', '/root/group:/group']
    await rt().out(['run', '-d', '--name=trap', '--network=none', ...flags, ...binds, 'busybox', ...words])
    const said = await rt().out(['exec', 'trap', 'sh', '-c', attack('1')])
    expect(said).toBe('/memfd:rt-shim (deleted)\ntried\n')
    await rt().out(['rm', '-f', 'trap'])
    expect(await checksum()).toBe(before)
  })
})
