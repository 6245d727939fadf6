import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

const run = ['run', '-d', '--network=none']

describe.skipIf(cannotRun)('rt logs', () => {
  const rt = useRt({ internet: false })
  const start = async (name: string, script: string, ...flags: string[]): Promise<void> => {
    await rt().out([...run, `--name=${name}`, ...flags, 'busybox', 'sh', '-c', script])
  }
  const ended = (name: string) => rt().out(['wait', name])

  it('both streams apart, with times, only the last lines', async () => {
    await start('apart', 'echo one; echo two >&2; printf "three\\nhalf"')
    await ended('apart')
    expect(await rt().run(['logs', 'apart'])).toMatchObject({ code: 0, stdout: 'one\nthree\nhalf', stderr: 'two\n' })
    const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z'
    const timed = await rt().run(['logs', '-t', 'apart'])
    expect(timed.stdout).toMatch(new RegExp(`^${time} one\\n${time} three\\n${time} half$`))
    expect(timed.stderr).toMatch(new RegExp(`^${time} two\\n$`))
    expect(await rt().out(['logs', '--tail=1', 'apart'])).toBe('half')
    expect(await rt().out(['logs', '-n', '0', 'apart'])).toBe('')
    expect(await rt().out(['logs', '--since=1h', '--until=30m', 'apart'])).toBe('')
    expect(await rt().run(['logs', '--since=1h', 'apart'])).toMatchObject({ stdout: 'one\nthree\nhalf' })
    await rt().out(['rm', 'apart'])
  })

  it('a line of any length comes as it was written, and with one time', async () => {
    await start('long', "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end")
    await ended('long')
    expect(await rt().out(['logs', 'long'])).toBe(`${'x'.repeat(100_000)}\nend\n`)
    expect((await rt().out(['logs', '-t', 'long'])).match(/Z /g)).toHaveLength(2)
    expect(await rt().out(['logs', '--tail=2', 'long'])).toBe(`${'x'.repeat(100_000)}\nend\n`)
    await rt().out(['rm', 'long'])
  })

  it('-f shows what comes as it comes, over a restart, and ends with the container', async () => {
    const { host } = rt()
    await host.sh('mkfifo gate')
    await start(
      'followed',
      'echo begin; read line </gate; echo "$line"; exit 1',
      '-v',
      '/root/gate:/gate',
      '--restart=on-failure:1',
    )
    const following = rt().spawn(['logs', '-f', 'followed'])
    await following.waitFor(/begin\n/)
    await host.sh('echo first >gate')
    await following.waitFor(/first\nbegin\n/)
    await host.sh('echo second >gate')
    expect(await following.exit).toEqual({ code: 0, signal: null })
    expect(following.stdout).toBe('begin\nfirst\nbegin\nsecond\n')
    await host.sh('rm gate')
    await rt().out(['rm', 'followed'])
  })

  it('-f over 200 000 lines and rotations: none lost, none doubled, in the order of each stream', async () => {
    const { host } = rt()
    await host.sh('mkfifo gate')
    const script = 'echo begin; cat /gate; seq 1 100000 & seq 1 100000 >&2; wait'
    await start('much', script, '-v', '/root/gate:/gate', '--log-opt=max-size=2m', '--log-opt=max-file=20')
    const following = rt().spawn(['logs', '-f', 'much'])
    await following.waitFor(/begin\n/)
    await host.sh(': >gate')
    expect(await following.exit).toEqual({ code: 0, signal: null })
    const expected = `${Array.from({ length: 100_000 }, (_, n) => n + 1).join('\n')}\n`
    expect(following.stdout === `begin\n${expected}`).toBe(true)
    expect(following.stderr === expected).toBe(true)
    const files = await host.sh('ls /var/lib/rt/containers/*/json.log*')
    expect(files.trim().split('\n').length).toBeGreaterThan(5)
    const all = await rt().run(['logs', 'much'])
    expect(all.stdout === `begin\n${expected}` && all.stderr === expected).toBe(true)
    await host.sh('rm gate')
    await rt().out(['rm', 'much'])
  })

  it('-f ends when the monitor is killed', async () => {
    await start('orphan', 'echo begin; exec sleep 1001')
    const following = rt().spawn(['logs', '-f', 'orphan'])
    await following.waitFor(/begin\n/)
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim (background|monitor)/ {print $1}')")
    expect(await following.exit).toEqual({ code: 0, signal: null })
    await rt().out(['rm', 'orphan'])
  })

  it('a reader that goes away ends it', async () => {
    await start('closed', 'yes | head -n 100000')
    await ended('closed')
    const { host } = rt()
    const { launcher } = await import('./rt.ts')
    expect(await host.sh(`${process.execPath} -- ${launcher} logs closed | head -n 1`)).toBe('y\n')
    await rt().out(['rm', 'closed'])
  })

  it('says why there is none', async () => {
    await start('none', 'echo lost', '--log-driver=none')
    await ended('none')
    expect(await rt().complaint(['logs', 'none'])).toMatchObject({ code: 'RT_LOG_UNAVAILABLE', exitCode: 1 })
    const direct = rt().spawn(['run', '--rm', '--name=direct', '--network=none', 'busybox', 'sh', '-c', 'echo up; cat'])
    await direct.waitFor(/up/)
    expect(await rt().complaint(['logs', 'direct'])).toMatchObject({ code: 'RT_LOG_UNAVAILABLE', exitCode: 1 })
    direct.closeInput()
    await direct.exit
    expect(await rt().complaint(['logs', 'nobody'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 1 })
    expect(await rt().complaint(['logs', '--since=yesterday', 'none'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['logs', '--tail=some', 'none'])).toMatchObject({ code: 'RT_USAGE' })
    await rt().out(['rm', 'none'])
  })
})
