import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('system boot', () => {
  const rt = useRt()

  /** Gives a container that exists a restart policy. */
  const policy = (name: string, restart: string): Promise<string> =>
    rt().host.sh(
      `record=/var/lib/rt/containers/$(readlink /var/lib/rt/names/${name})/record.json; sed -i 's/"request":{/"request":{"restart":{"name":"${restart}"},/' $record`,
    )

  /** What the end of a machine leaves: no process, nothing that tells of theirs below /run but the bridge's leases, no cgroup. */
  const reboot = async (): Promise<void> => {
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim (background|monitor)/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    await rt().host.sh(
      'rm -rf /run/rt/containers /run/rt/boot; until find /sys/fs/cgroup -depth -type d -name "rt-*" -exec rmdir {} + 2>/dev/null; do sleep 0.01; done',
    )
  }

  it('starts what must run, in the order of its creation, and nothing else', async () => {
    const before = await rt().world.snapshot()
    const running = [
      ['c-always', 'always'],
      ['b-unless', 'unless-stopped'],
      ['a-failure', 'on-failure'],
      ['no', 'no'],
    ] as const
    const stopped = [
      ['stopped-always', 'always'],
      ['stopped-unless', 'unless-stopped'],
      ['stopped-failure', 'on-failure'],
    ] as const
    for (const [name, restart] of [...running, ...stopped]) {
      await rt().out(['run', '-d', `--name=${name}`, '--network=bridge', 'busybox', 'sleep', '1001'])
      await policy(name, restart)
    }
    await rt().out(['run', '-d', '--rm', '--name=fleeting', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().out(['create', '--name=never', '--network=bridge', 'busybox', 'sleep', '1001'])
    await policy('never', 'always')
    await rt().out(['stop', '-t', '0', ...stopped.map(([name]) => name)])
    await reboot()
    // Somebody looks before the service has come so far: nothing is forgotten by that.
    const table = await rt().out(['ps', '-a'])
    expect(table).toMatch(/Dead \(the machine went down while it ran\).* no\n/)
    expect(table).toMatch(/Created.* never\n/)
    expect(table).not.toContain('fleeting')
    expect(await rt().out(['system', 'boot'])).toBe('c-always\nb-unless\na-failure\nstopped-always\n')
    // Again: they run.
    expect(await rt().out(['system', 'boot'])).toBe('')
    expect((await rt().out(['ps', '-q'])).trim().split('\n')).toHaveLength(4)
    const names = [...running, ...stopped].map(([name]) => name)
    await rt().out(['rm', '-f', ...names, 'never'])
    await rt().world.expectNoLeaks(before)
  })

  it('one that cannot be started does not keep the others', async () => {
    await rt().out(['run', '-d', '--name=first', '--network=none', '--storage=overlay', 'busybox', 'sleep', '1001'])
    await rt().out(['run', '-d', '--name=second', '--network=none', 'busybox', 'sleep', '1001'])
    for (const name of ['first', 'second']) await policy(name, 'always')
    await reboot()
    await rt().host.sh(
      'rm -rf /var/lib/rt/containers/$(readlink /var/lib/rt/names/first)/upper; touch /var/lib/rt/containers/$(readlink /var/lib/rt/names/first)/upper',
    )
    const { code, stdout, stderr } = await rt().run(['system', 'boot'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'second\n' })
    expect(stderr).toMatch(/\[RT_[A-Z_]+\]/)
    await rt().out(['rm', '-f', 'first', 'second'])
  })

  it('after a reboot, or without one, it does nothing where there is nothing', async () => {
    expect(await rt().out(['system', 'boot'])).toBe('')
  })
})
