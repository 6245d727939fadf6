import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt stats and rt top', () => {
  const rt = useRt({ internet: false })
  beforeAll(async () => {
    const script = 'sleep 1001 & while :; do :; done'
    await rt().out(['run', '-d', '--name=busy', '--network=bridge', 'busybox', 'sh', '-c', script])
    await until('it sleeps', async () => (await rt().out(['top', 'busy'])).includes('sleep 1001'))
  })
  afterAll(async () => {
    await rt().out(['rm', '-f', 'busy'])
  })

  it('top shows its processes with the pids of the host', async () => {
    const lines = (await rt().out(['top', 'busy'])).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/)
    expect(lines).toHaveLength(3)
    const pid = /^root +(\d+) +\d+ +\d+ +\S+ +\? +\d\d:\d\d:\d\d +sh -c sleep 1001/.exec(lines[1] ?? '')?.[1]
    const [view] = JSON.parse(await rt().out(['inspect', 'busy']))
    expect(Number(pid)).toBe(view.State.Pid)
    expect(await rt().host.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`)).toMatch(/^sh -c/)
  })

  it('top takes the options of ps for other columns', async () => {
    expect(await rt().out(['top', 'busy', '-o', 'pid,user,comm'])).toMatch(/^PID +USER +COMM\n\d+ +root +sh\n/)
    expect(await rt().out(['top', 'busy', 'aux'])).toMatch(/^USER +PID +%CPU/)
    expect(await rt().complaint(['top', 'busy', '-o', 'pidd'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['top', 'nobody'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 1 })
  })

  it('top of one that does not run', async () => {
    await rt().out(['create', '--name=still', '--network=none', 'busybox'])
    expect(await rt().complaint(['top', 'still'])).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING', exitCode: 1 })
    await rt().out(['rm', 'still'])
  })

  it('stats --no-stream --json, in numbers', async () => {
    const [stats] = JSON.parse(await rt().out(['stats', '--no-stream', '--json', 'busy']))
    expect(stats).toMatchObject({ name: 'busy', pids: 2 })
    expect(stats.networkReceivedBytes).toBeGreaterThanOrEqual(0)
    expect(stats.memoryLimitBytes).toBeGreaterThan(1 << 28)
  })

  it('stats of a busy loop: most of a CPU; of one that was limited: its share', async () => {
    const [stats] = JSON.parse(await rt().out(['stats', '--no-stream', '--json']))
    // Other tests have the machine's CPUs as well.
    if (stats.cpuPercent !== undefined) expect(stats.cpuPercent).toBeGreaterThan(15)
    expect(stats.cpuPercent ?? 0).toBeLessThan(130)
  })

  it('stats in Docker\u2019s columns and fields', async () => {
    const table = await rt().out(['stats', '--no-stream'])
    expect(table).toMatch(/^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS\n/)
    expect(table).toMatch(/\n[0-9a-f]{12} +busy .* 2\n$/)
    const row = JSON.parse(await rt().out(['stats', '--no-stream', '--format=json', 'busy']))
    expect(row).toMatchObject({ Name: 'busy', PIDs: '2' })
    expect(row.NetIO).toMatch(/^[\d.]+k?B \/ [\d.]+k?B$/)
    expect(await rt().out(['stats', '--no-stream', '--format={{.Name}}'])).toBe('busy\n')
    expect(await rt().complaint(['stats', '--no-stream', 'nobody'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN' })
  })

  it('stats is drawn again on a terminal', async () => {
    const terminal = rt().pty(['stats'], { columns: 200 })
    const drawn = '\x1b\\[2J\x1b\\[H.*NAME[^]*busy'
    await terminal.waitFor(new RegExp(`${drawn}[^]*${drawn}`))
    await terminal.kill('SIGTERM')
    await terminal.exit
  })
})
