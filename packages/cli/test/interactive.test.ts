import type { Terminal } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, RT, until, useRt } from './rt.ts'

/** What busybox's shell shows when it is ready. Its line editor loses what is typed while it switches the terminal's modes. */
const ESC = '\x1b'
const PROMPT = new RegExp(`/ # (${ESC}\\[6n)?$`)

async function type(terminal: Terminal, line: string): Promise<void> {
  await terminal.waitFor(PROMPT)
  terminal.write(`${line}\r`)
}

describe.skipIf(cannotRun)('rt run busybox sh in a terminal', () => {
  const rt = useRt()
  const shell = (options?: { rows: number; columns: number }) =>
    rt().pty(['run', '--rm', '--network=bridge', '--storage=overlay', 'busybox', 'sh'], options)

  it('gives a prompt, a process table of its own and an address, and the shell\u2019s exit status', async () => {
    const terminal = shell()
    await type(terminal, 'ps')
    const [table] = await terminal.waitFor(/PID +USER[\s\S]*(?=\/ # )/)
    const [first, second, ...others] = table.trim().split(/\r\n/).slice(1)
    expect(first).toMatch(/^ *1 +root .*\bsh$/)
    expect(second).toMatch(/^ *\d +root .*\bps\b/)
    expect(others).toEqual([])
    await type(terminal, 'ip addr')
    await terminal.waitFor(/eth0@?\S*: <[^>]*UP[\s\S]*inet 172\.16\.\d+\.\d+\/16/)
    await type(terminal, 'ip route')
    await terminal.waitFor(/default via 172\.16\.0\.1 dev eth0/)
    await type(terminal, 'tty; exit 7')
    await terminal.waitFor(/\/dev\/(pts\/0|console)\r\n/)
    expect(await terminal.exit).toEqual({ code: 7, signal: null })
  })

  it('^C interrupts a program, ^Z stops it, fg goes on with it, ^D ends the shell', async () => {
    const terminal = shell()
    await type(terminal, 'sleep 1000')
    await until('sleep runs', async () => (await rt().host.sh('ps ax')).includes('sleep 1000'))
    terminal.write('\x03')
    await type(terminal, 'echo status $?')
    await terminal.waitFor(/status 130\r\n/)

    await type(terminal, "sh -c 'echo up; exec cat'")
    await terminal.waitFor(/\nup\r\n/)
    terminal.write('one\n')
    await terminal.waitFor(/one\r\none\r\n/)
    terminal.write('\x1a')
    await terminal.waitFor(/Stopped/)
    await type(terminal, 'jobs; fg')
    await terminal.waitFor(/\[1\]\+ +Stopped[^\n]*\n[^\n]*exec cat"\r\n/)
    terminal.write('two\n')
    await terminal.waitFor(/two\r\ntwo\r\n/)
    terminal.write('\x04')
    await type(terminal, 'true')
    await terminal.waitFor(PROMPT)
    terminal.write('\x04')
    expect(await terminal.exit).toEqual({ code: 0, signal: null })
  })

  it('arrow keys bring lines back and move in them', async () => {
    const terminal = shell()
    await type(terminal, 'echo ab$((6*7))')
    await terminal.waitFor(/ab42\r\n/)
    await terminal.waitFor(PROMPT)
    terminal.write(`${ESC}[A`)
    await terminal.waitFor(new RegExp(`echo ab\\$\\(\\(6\\*7\\)\\)(${ESC}\\[J)?$`))
    terminal.write(`${ESC}[D${ESC}[D`)
    terminal.write('0')
    await terminal.waitFor(/0\)\)/)
    terminal.write('\r')
    await terminal.waitFor(/ab420\r\n/)
    await type(terminal, 'exit')
    expect((await terminal.exit).code).toBe(0)
  })

  it('has the window\u2019s size, and follows it', async () => {
    const terminal = shell({ rows: 30, columns: 100 })
    await type(terminal, 'stty size')
    await terminal.waitFor(/\n30 100\r\n/)
    await type(terminal, `sh -c 'trap "stty size; exit" WINCH; echo wait; while :; do sleep 0.02; done'`)
    await terminal.waitFor(/wait\r\n/)
    terminal.resize(45, 120)
    await terminal.waitFor(/45 120\r\n/)
    await type(terminal, 'exit')
    expect((await terminal.exit).code).toBe(0)
  })

  it('leaves nothing', async () => {
    const before = await rt().world.snapshot()
    const terminal = shell()
    await type(terminal, 'exit')
    await terminal.exit
    await rt().world.expectNoLeaks(before)
  })

  it('hears of it when its terminal is closed', async () => {
    const before = await rt().world.snapshot()
    const script = 'trap "exit 5" HUP; echo ready; while :; do sleep 0.02; done'
    const terminal = rt().pty(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', script])
    await terminal.waitFor(/ready/)
    await terminal.kill('SIGKILL')
    await rt().world.expectNoLeaks(before)
  })

  it('goes on without its terminal, as in Docker, when its program does not mind', async () => {
    const before = await rt().world.snapshot()
    const script = 'trap "" HUP; echo ready; while :; do sleep 0.02; done'
    const terminal = rt().pty(['run', '--rm', '--name=stays', '--network=none', 'busybox', 'sh', '-c', script])
    await terminal.waitFor(/ready/)
    await terminal.kill('SIGKILL')
    await terminal.exit
    expect(await rt().out(['ps'])).toMatch(/ Up .* stays$/m)
    expect(await rt().out(['rm', '-f', 'stays'])).toBe('stays\n')
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['after a shell', 'busybox sh', 0],
    ['when the command does not exist', 'busybox no-such-command', 127],
    ['when rt refuses', '--add-host=x busybox sh', 125],
  ])('the terminal is as it was before %s', async (_, words, code) => {
    const script = `stty -a >/root/before; ${RT} run --rm --network=none ${words}; echo "ended with $?"; stty -a >/root/after
      cmp /root/before /root/after && echo same`
    const terminal = rt().host.pty(['sh', '-c', script])
    if (code === 0) await type(terminal, 'exit')
    await terminal.waitFor(new RegExp(`ended with ${code}\\r\\nsame\\r\\n`))
    expect(await terminal.exit).toEqual({ code: 0, signal: null })
  })

  it('the terminal is as it was when the container is killed', async () => {
    const script = `stty -a >/root/before; ${RT} run --rm --name=victim --network=none busybox sh; stty -a >/root/after
      cmp /root/before /root/after && echo same`
    const terminal = rt().host.pty(['sh', '-c', script])
    await terminal.waitFor(PROMPT)
    await rt().out(['rm', '-f', 'victim'])
    await terminal.waitFor(/same\r\n/)
  })

  it('-i alone takes no terminal, -t alone connects no input, and neither is asked of a pipe', async () => {
    const tty = 'busybox sh -c "[ -t 0 ] && echo in; [ -t 1 ] && echo out; echo end"'
    const run = async (flags: string): Promise<string> => {
      const terminal = rt().host.pty(['sh', '-c', `${RT} run --rm --network=none ${flags} ${tty} | cat`])
      const [said] = await terminal.waitFor(/[\s\S]*end\r\n/)
      await terminal.exit
      return said.replaceAll('\r\n', ' ')
    }
    expect(await run('')).toBe('end ')
    expect(await run('-i')).toMatch(/^(in )?end $/)
    expect(await rt().out(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', '[ -t 0 ] || echo pipe'])).toBe(
      'pipe\n',
    )
    const refused = await rt().run(['run', '-it', '--network=none', 'busybox', 'sh'])
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining('not a terminal [RT_USAGE]') })
  })
})
