import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rename', () => {
  const rt = useRt()

  it('the container is found by its new name only, and the old one is free', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--name=old', '--network=bridge', 'busybox', 'sleep', '1001'])
    expect(await rt().out(['rename', 'old', 'new'])).toBe('')
    expect(JSON.parse(await rt().out(['inspect', 'new']))[0].Name).toBe('/new')
    expect((await rt().run(['inspect', 'old'])).code).toBe(1)
    await rt().out(['create', '--name=old', '--network=none', 'busybox', 'true'])
    await rt().out(['rm', '-f', 'old', 'new'])
    await rt().world.expectNoLeaks(before)
  })

  it('one of --rm under its new name is gone after its end, and so is the name', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--rm', '--name=old', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().out(['rename', 'old', 'new'])
    await rt().out(['stop', '-t', '0', 'new'])
    // The next container may have it at once.
    await rt().out(['run', '--rm', '--name=new', '--network=none', 'busybox', 'true'])
    expect(await rt().out(['ps', '-aq'])).toBe('')
    await rt().world.expectNoLeaks(before)
  })

  it('of a monitor that is killed later: nothing is left of both names', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--rm', '--name=old', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().out(['rename', 'old', 'new'])
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim (background|monitor)/ {print $1}')")
    expect(await rt().out(['ps', '-aq'])).toBe('')
    await rt().world.expectNoLeaks(before)
  })

  it('to a name that is taken, its own included, or that is none', async () => {
    for (const name of ['one', 'two']) await rt().out(['create', `--name=${name}`, '--network=none', 'busybox', 'true'])
    for (const [name, code] of [
      ['two', 'RT_NAME_TAKEN'],
      ['one', 'RT_NAME_TAKEN'],
      ['../etc', 'RT_NAME_INVALID'],
      ['', 'RT_NAME_INVALID'],
      ['-x', 'RT_NAME_INVALID'],
    ] as const)
      expect(readComplaint(await rt().run(['rename', '--', 'one', name]))).toMatchObject({ code, exitCode: 1 })
    expect(readComplaint(await rt().run(['rename', 'nobody', 'three']))).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN' })
    expect((await rt().host.sh('ls /var/lib/rt/names')).trim().split('\n')).toEqual(['one', 'two'])
    await rt().out(['rm', 'one', 'two'])
  })

  it('cut short by a crash: the name of the record stays, the other one goes', async () => {
    const id = (await rt().out(['create', '--name=one', '--network=none', 'busybox', 'true'])).trim()
    // As after the first of its steps; the record still has the old name.
    await rt().host.sh(`ln -s ${id} /var/lib/rt/names/half`)
    expect(await rt().out(['ps', '-aq', '--no-trunc'])).toBe(`${id}\n`)
    // It is not in the way of a new container.
    await rt().out(['create', '--name=half', '--network=none', 'busybox', 'true'])
    expect(JSON.parse(await rt().out(['inspect', 'half']))[0].Id).not.toBe(id)
    await rt().host.sh(`ln -s ${id} /var/lib/rt/names/again`)
    await rt().out(['rm', 'one', 'half'])
    expect(await rt().host.sh('ls /var/lib/rt/names')).toBe('')
  })
})
