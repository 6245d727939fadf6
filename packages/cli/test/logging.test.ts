import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, RT, until, useRt } from './rt.ts'

interface Line {
  readonly log: string
  readonly stream: string
  readonly time: string
}

describe.skipIf(cannotRun)('the log of a container', () => {
  const rt = useRt()
  const files = (id: string): Promise<string> => rt().host.sh(`cd /var/lib/rt/containers/${id}; ls -rt json.log*`)
  /** Oldest file first. */
  const readLog = async (id: string): Promise<Line[]> => {
    const text = await rt().host.sh(`cd /var/lib/rt/containers/${id}; cat $(ls json.log* | sort -t. -k3 -rn)`)
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }
  const idOf = async (name: string): Promise<string> => JSON.parse(await rt().out(['inspect', name]))[0].Id
  const logged = async (flags: readonly string[], script: string, input?: string | Uint8Array): Promise<Line[]> => {
    const args = ['run', '--network=none', '--name=logged', ...flags, 'busybox', 'sh', '-c', script]
    await rt().run(args, input === undefined ? {} : { input })
    const lines = await readLog(await idOf('logged'))
    await rt().out(['rm', 'logged'])
    return lines
  }

  it('costs its monitor no memory that is not needed: 150 KiB, with half lines of both streams kept', async () => {
    // Pieces of 16 KiB are written; one byte less is kept.
    const script = 'half() { head -c 49151 /dev/zero | tr "\\0" x; }; half; half >&2; wc -c; exec sleep 1000'
    await rt().out(['run', '-di', '--network=none', '--name=quiet', 'busybox', 'sh', '-c', script])
    await rt().host.sh(`head -c 1000000 /dev/zero | (timeout -s KILL ${patience(2)} ${RT} attach quiet || true) >seen`)
    const [{ Id: id, State: state }] = JSON.parse(await rt().out(['inspect', 'quiet']))
    const monitor = (await rt().host.sh(`awk '/^PPid/ {print $2}' /proc/${state.Pid}/status`)).trim()
    const size = async () => Number(await rt().host.sh(`awk '/^Pss:/ {print $2}' /proc/${monitor}/smaps_rollup`))
    expect(await rt().host.sh('tail -c 8 seen')).toContain('1000000')
    await until('it has given its memory back', async () => (await size()) <= 150)
    await rt().out(['rm', '-f', 'quiet'])
    expect(await rt().host.sh(`[ -e /var/lib/rt/containers/${id} ] || echo gone`)).toBe('gone\n')
  })

  it('is Docker\u2019s json-file: streams apart, times in order, with or without somebody in front', async () => {
    for (const flags of [[], ['-d']]) {
      const start = Date.now()
      const args = ['run', '--network=none', '--name=both', ...flags, 'busybox', 'sh', '-c']
      const { stdout, stderr } = await rt().run([
        ...args,
        'echo out; sleep 0.1; echo err >&2; sleep 0.1; printf "no newline"',
      ])
      if (flags.length === 0) expect({ stdout, stderr }).toEqual({ stdout: 'out\nno newline', stderr: 'err\n' })
      await until('it has ended', async () => (await rt().out(['ps', '-q'])) === '')
      const lines = await readLog(await idOf('both'))
      expect(lines.map(({ log, stream }) => [stream, log])).toEqual([
        ['stdout', 'out\n'],
        ['stderr', 'err\n'],
        ['stdout', 'no newline'],
      ])
      const times = lines.map(({ time }) => {
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
        return Date.parse(time)
      })
      expect([...times].sort()).toEqual(times)
      expect(times[0]).toBeGreaterThanOrEqual(start - 1)
      expect(times[2]).toBeLessThanOrEqual(Date.now())
      await rt().out(['rm', 'both'])
    }
  })

  it('escapes as Docker does; what is not UTF-8 becomes the replacement character, byte for byte', async () => {
    const bytes = Buffer.concat([
      Buffer.from('quote " backslash \\ tab \t bell \x07 < > & é € 😀 \u2028\u2029 del \x7f\n'),
      Buffer.from([0x80, 0xc0, 0xaf, 0xe2, 0x82, 0x20, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xff, 0x00, 0x0a]),
    ])
    await rt().run(['run', '-i', '--network=none', '--name=bytes', 'busybox', 'cat'], { input: bytes })
    const id = await idOf('bytes')
    const raw = await rt().host.sh(`cut -d, -f1 /var/lib/rt/containers/${id}/json.log`)
    expect(raw.split('\n').slice(0, -1)).toEqual([
      '{"log":"quote \\" backslash \\\\ tab \\u0009 bell \\u0007 \\u003c \\u003e \\u0026 é € 😀 \\u2028\\u2029 del \x7f\\n"',
      `{"log":"${'\\ufffd'.repeat(5)} ${'\\ufffd'.repeat(8)}\\u0000\\n"`,
    ])
    await rt().out(['rm', 'bytes'])
  })

  it('cuts lines of more than 16 KiB into pieces, of which the last has the newline', async () => {
    const lines = await logged(
      [],
      'head -c 40000 /dev/zero | tr "\\0" x; echo; echo short; head -c 16383 /dev/zero | tr "\\0" y; echo',
    )
    expect(lines.map(({ log }) => [log.length, log.endsWith('\n')])).toEqual([
      [16384, false],
      [16384, false],
      [40000 - 2 * 16384 + 1, true],
      [6, true],
      [16384, true],
    ])
  })

  it('has what a terminal showed as output', async () => {
    const terminal = rt().pty([
      'run',
      '-t',
      '--network=none',
      '--name=tty',
      'busybox',
      'sh',
      '-c',
      'echo one; echo two >&2',
    ])
    await terminal.exit
    const lines = await readLog(await idOf('tty'))
    expect(lines.map(({ log, stream }) => [stream, log])).toEqual([
      ['stdout', 'one\r\n'],
      ['stdout', 'two\r\n'],
    ])
    await rt().out(['rm', 'tty'])
  })

  it('rotates by size and keeps as many files as it may; a reader of one loses nothing', async () => {
    const flags = ['--log-opt=max-size=20k', '--log-opt=max-file=3']
    await rt().run([
      'run',
      '-d',
      '--network=none',
      '--name=many',
      ...flags,
      'busybox',
      'sh',
      '-c',
      'seq 1 3000; exec sleep 1000',
    ])
    const id = await idOf('many')
    await until('all is written', async () =>
      (await rt().host.sh(`tail -n 1 /var/lib/rt/containers/${id}/json.log`)).includes('"3000\\n"'),
    )
    expect((await files(id)).trim().split('\n').sort()).toEqual(['json.log', 'json.log.1', 'json.log.2'])
    const lines = await readLog(id)
    const numbers = lines.map(({ log }) => Number(log))
    expect(numbers.at(-1)).toBe(3000)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    const sizes = (await rt().host.sh(`cd /var/lib/rt/containers/${id}; stat -c %s json.log.1 json.log.2`))
      .trim()
      .split('\n')
    // A line that has begun before the limit is written to its end.
    for (const size of sizes.map(Number)) expect(size).toSatisfy((n: number) => n >= 20_000 && n < 20_100)
    await rt().out(['rm', '-f', 'many'])
  })

  it('with one file begins anew', async () => {
    const lines = await logged(['--log-opt=max-size=1k'], 'seq 1 100')
    expect(lines.length).toBeLessThan(20)
    expect(lines.at(-1)?.log).toBe('100\n')
  })

  it('none keeps nothing, and loses nothing for those who are there', async () => {
    const { stdout } = await rt().run([
      'run',
      '--network=none',
      '--log-driver=none',
      '--name=unlogged',
      'busybox',
      'seq',
      '1',
      '5000',
    ])
    expect(stdout.split('\n').length).toBe(5001)
    expect(await rt().host.sh(`ls /var/lib/rt/containers/${await idOf('unlogged')}`)).not.toContain('json.log')
    await rt().out(['rm', 'unlogged'])
  })

  it('a disk that is full loses lines of the log, and nothing else', async () => {
    const before = await rt().world.snapshot()
    const script = `
      mkdir /tmp/small; mount -t tmpfs -o size=6m none /tmp/small
      ${RT} --root=/tmp/small run --network=none --name=full busybox seq 1 100000 | sha256sum >/root/sum
      ${RT} --root=/tmp/small rm full >/dev/null
      umount /tmp/small; rmdir /tmp/small; seq 1 100000 | sha256sum | cmp - /root/sum && rm /root/sum && echo same`
    // The image is built there first, and takes its part.
    expect((await rt().host.run(['sh', '-c', script])).stdout).toBe('same\n')
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['--log-driver=syslog', /no log driver "syslog"/],
    ['--log-opt=max-size=0', /is not a size/],
    ['--log-opt=max-size=10x', /is not a size/],
    ['--log-opt=max-file=0', /is not a number of files/],
    ['--log-opt=mode=non-blocking', /is not known/],
  ])('%s is refused', async (flag, message) => {
    const complaint = await rt().complaint(['run', flag, 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_USAGE', exitCode: 125, sentence: expect.stringMatching(message) })
  })
})
