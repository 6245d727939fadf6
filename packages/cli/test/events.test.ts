import { describe, expect, it } from 'vitest'
import { cannotRun, canPause, until, useRt } from './rt.ts'

interface DockerEvent {
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Record<string, string> }
  readonly time: number
}

describe.skipIf(cannotRun)('rt events', () => {
  const rt = useRt({ internet: false })
  const past = async (...flags: string[]): Promise<DockerEvent[]> =>
    (await rt().out(['events', '--json', '--since=1h', '--until=0s', ...flags]))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as DockerEvent)
  const actions = (events: readonly DockerEvent[]) => events.map(({ Action }) => Action)

  it('tells the whole life of a container, in Docker\u2019s fields', async () => {
    await rt().out(['create', '--name=life', '--label=who=me', '--network=none', 'busybox', 'sleep', '1000'])
    await rt().out(['start', 'life'])
    await rt().out(['exec', 'life', 'true'])
    await rt().out(['rename', 'life', 'again'])
    await rt().out(['stop', '-t', '0', 'again'])
    await rt().out(['rm', 'again'])
    const events = await past('--filter=label=who=me')
    expect(actions(events).sort()).toEqual(
      ['create', 'start', 'exec_start', 'rename', 'kill', 'die', 'stop', 'destroy'].sort(),
    )
    expect(actions(events).slice(0, 4)).toEqual(['create', 'start', 'exec_start', 'rename'])
    expect(actions(events).slice(-2)).toEqual(['stop', 'destroy'])
    const [first] = events
    expect(first).toMatchObject({ status: 'create', from: 'busybox', Type: 'container', scope: 'local' })
    expect(first?.Actor.Attributes).toEqual({ image: 'busybox', name: 'life', who: 'me' })
    expect(Math.abs((first?.time ?? 0) - Date.now() / 1000)).toBeLessThan(60)
    const die = events.find(({ Action }) => Action === 'die')
    expect(die?.Actor.Attributes).toMatchObject({ exitCode: '137' })
    expect(events.find(({ Action }) => Action === 'rename')?.Actor.Attributes).toMatchObject({ oldName: 'life' })
  })

  it.skipIf(!canPause)('a pause', async () => {
    await rt().out(['run', '-d', '--name=slept', '--network=none', 'busybox', 'sleep', '1000'])
    await rt().out(['pause', 'slept'])
    await rt().out(['unpause', 'slept'])
    expect(actions(await past('--filter=container=slept'))).toEqual(['create', 'start', 'pause', 'unpause'])
    await rt().out(['rm', '-f', 'slept'])
  })

  it('follows a run in the foreground, from now on, and can be filtered', async () => {
    const following = rt().spawn(['events', '--format={Action} {Actor.Attributes.name}', '--filter=container=seen'])
    // It is ready when it hears the first one.
    const run = ['run', '--rm', '--network=none', '--name=seen', 'busybox', 'sh', '-c', 'exit 7']
    await until('it follows', async () => {
      await rt().run(run)
      return following.stdout !== ''
    })
    const before = following.stdout
    expect((await rt().run(run)).code).toBe(7)
    await following.waitFor(/destroy seen\n$/)
    expect(following.stdout.slice(before.length)).toMatch(/(create seen\nstart seen\ndie seen\ndestroy seen\n)$/)
    await following.kill('SIGTERM')
    await following.exit
  })

  it('a start that fails is told of as one that is gone', async () => {
    await rt().run(['run', '--rm', '--name=broken', '--network=none', 'busybox', '/not/there'])
    expect(actions(await past('--filter=container=broken'))).toEqual(['create', 'destroy'])
  })

  it('the monitor was killed: the next rt tells of the end', async () => {
    const id = (await rt().out(['run', '-d', '--name=dead', '--network=none', 'busybox', 'sleep', '1001'])).trim()
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim (background|monitor)/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 1001'))
    expect(await rt().out(['ps', '-a'])).toContain('Dead (137): its monitor was killed')
    const events = await past(`--filter=container=${id.slice(0, 12)}`)
    expect(actions(events)).toEqual(['create', 'start', 'die'])
    await rt().out(['rm', 'dead'])
  })

  it('filters by event, and refuses what it does not know', async () => {
    const events = await past('--filter=event=create', '--filter=event=destroy')
    expect(new Set(actions(events))).toEqual(new Set(['create', 'destroy']))
    expect(await rt().complaint(['events', '--filter=evnt=create'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['events', '--filter=create'])).toMatchObject({ code: 'RT_USAGE' })
  })
})
