import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, canPause, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt ps', () => {
  const rt = useRt({ internet: false })
  const names = async (...flags: string[]): Promise<string[]> =>
    (await rt().out(['ps', '--format={Names}', ...flags])).split('\n').filter((name) => name !== '')
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    const id = async (name: string, ...args: string[]): Promise<void> => {
      ids[name] = (await rt().out([...args.slice(0, 1), `--name=${name}`, ...args.slice(1)])).trim()
    }
    await id('first', 'run', '-d', '--network=none', '--label=role=web', '--label=x', 'busybox', 'sleep', '1000')
    await id('second', 'run', '-d', '--network=none', 'busybox', 'sh', '-c', 'exit 7')
    await rt().out(['wait', 'second'])
    await id('third', 'create', '--network=host', '--label=role=db', 'busybox', 'a-very-long-command', 'with', 'words')
    await id('fourth', 'run', '-d', '--network=none', 'busybox', 'sleep', '1000')
  })
  afterAll(async () => {
    await rt().out(['rm', '-f', ...Object.keys(ids)])
  })

  it('shows what runs, with -a all, newest first', async () => {
    expect(await names()).toEqual(['fourth', 'first'])
    expect(await names('-a')).toEqual(['fourth', 'third', 'second', 'first'])
    expect(await names('-n', '2')).toEqual(['fourth', 'third'])
    expect(await names('-l')).toEqual(['fourth'])
  })

  it('in Docker\u2019s columns and words', async () => {
    const lines = (await rt().out(['ps', '-a'])).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/)
    const short = (name: string) => ids[name]?.slice(0, 12)
    expect(lines[1]).toMatch(new RegExp(`^${short('fourth')} +busybox +"sleep 1000" .* Up .* +fourth$`))
    expect(lines[2]).toMatch(/"a-very-long-command…" .* Created +third$/)
    expect(lines[3]).toMatch(/Exited \(7\) .* ago +second$/)
    expect(await rt().out(['ps', '-a', '--no-trunc'])).toContain('"a-very-long-command with words"')
  })

  it('-q', async () => {
    expect(await rt().out(['ps', '-q'])).toBe(`${ids.fourth?.slice(0, 12)}\n${ids.first?.slice(0, 12)}\n`)
    expect(await rt().out(['ps', '-q', '--no-trunc', '--filter=name=first'])).toBe(`${ids.first}\n`)
    expect(await rt().out(['ps', '-q', '--filter=name=nobody'])).toBe('')
  })

  it.each([
    [['name=ir'], ['third', 'first']],
    [['name=^first$'], ['first']],
    [['status=exited'], ['second']],
    [
      ['status=exited', 'status=created'],
      ['third', 'second'],
    ],
    [['status=paused'], []],
    [['status=running'], ['fourth', 'first']],
    [['exited=7'], ['second']],
    [['exited=0'], []],
    [['label=role'], ['third', 'first']],
    [['label=role=web'], ['first']],
    [['label=role', 'label=x'], ['first']],
    [['ancestor=busybox:latest'], ['fourth', 'third', 'second', 'first']],
    [['ancestor=debian'], []],
    [['network=host'], ['third']],
    [['before=third'], ['second', 'first']],
    [['since=second'], ['fourth', 'third']],
    [['since=first', 'status=running'], ['fourth']],
  ])('-a --filter %j', async (filters, expected) => {
    expect(await names('-a', ...filters.map((filter) => `--filter=${filter}`))).toEqual(expected)
  })

  it.skipIf(!canPause)('one that is paused', async () => {
    await rt().out(['pause', 'fourth'])
    expect(await rt().out(['ps'])).toMatch(/ Up .* \(Paused\) +fourth\n/)
    expect(await names('--filter=status=paused')).toEqual(['fourth'])
    expect(await rt().out(['inspect', '-f', '{State.Paused} {State.Status}', 'fourth'])).toBe('true paused\n')
    await rt().out(['unpause', 'fourth'])
  })

  it('--filter id, and a filter by status means -a', async () => {
    expect(await names('-a', `--filter=id=${ids.second?.slice(0, 10)}`)).toEqual(['second'])
    expect(await names('--filter=status=exited')).toEqual(['second'])
  })

  it('--format', async () => {
    const first = '--filter=name=^first$'
    expect(await rt().out(['ps', first, '--format={{.Names}}\\t{{.State}}'])).toBe('first\trunning\n')
    expect(await rt().out(['ps', first, '--format=table Names,State'])).toBe('NAMES   STATE\nfirst   running\n')
    expect(await rt().out(['ps', first, '--format=table {{.Names}}\\t{{.State}}'])).toBe(
      'NAMES   STATE\nfirst   running\n',
    )
    const row = JSON.parse(await rt().out(['ps', first, '--format=json']))
    expect(row).toMatchObject({ Names: 'first', State: 'running', Labels: 'role=web,x=', Networks: 'none' })
    const [record] = JSON.parse(await rt().out(['ps', first, '--json']))
    expect(record).toMatchObject({ name: 'first', state: { status: 'running' } })
  })

  it('refuses what it does not know', async () => {
    for (const flags of [
      ['--filter=nme=x'],
      ['--filter=name'],
      ['--filter=status=up'],
      ['--filter=exited=x'],
      ['--format={Nmaes}'],
      ['--format={{range .Names}}{{end}}'],
      ['-n', 'many'],
    ])
      expect(await rt().complaint(['ps', ...flags])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['ps', '--filter=before=nobody'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN' })
  })

  it('does not wait for somebody who holds the store\u2019s lock', async () => {
    // Whoever starts a container holds it for a while.
    const holder = rt().host.spawn(['flock', '--fcntl', '/run/rt/lock', 'sh', '-c', 'echo held; cat'])
    const held = await holder.waitFor(/held/).catch(() => undefined)
    if (held) expect((await rt().run(['ps', '-q'], { timeout: 5000 })).code).toBe(0)
    holder.closeInput()
    await holder.exit
  })
})
