import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('what a container may do, and what it shares with the host', () => {
  const rt = useRt({ internet: false })
  const run = ['run', '--rm', '--network=none']
  const inside = (script: string, ...flags: string[]) => rt().out([...run, ...flags, 'busybox', 'sh', '-c', script])
  const refused = (...flags: string[]) => rt().complaint([...run, ...flags, 'busybox', 'true'])
  const inspect = async (name: string) => JSON.parse(await rt().out(['inspect', name]))[0]

  it('--group-add, by name and by number, for root and for others, and for what is executed later', async () => {
    expect(await inside('id -G', '--group-add=bin', '--group-add=4242')).toBe('0 2 4242\n')
    const groups = await inside('id -Gn', '-u', 'nobody', '--group-add', 'sys')
    expect(groups).toMatch(/\bsys\b/)
    await rt().out(['run', '-d', '--name=box', '--network=none', '--group-add=sys', 'busybox', 'sleep', '100'])
    expect(await rt().out(['exec', 'box', 'id', '-Gn'])).toMatch(/\bsys\b/)
    expect((await inspect('box')).HostConfig.GroupAdd).toEqual(['sys'])
    await rt().out(['rm', '-f', 'box'])
  })

  it('--group-add of a group that the image does not have, and of what is none', async () => {
    const unknown = await refused('--group-add=no-such-group')
    expect(unknown).toMatchObject({ code: 'RT_USER_UNKNOWN', exitCode: 125 })
    expect(unknown.sentence).toMatch(/group no-such-group is not in the container's group file/)
    for (const bad of ['a b', 'a:b', '4294967296'])
      expect(await refused(`--group-add=${bad}`)).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })

  it('--privileged: all capabilities and devices, no filter, nothing masked, /sys and control groups writable', async () => {
    const look = `
      grep -E "CapEff|Seccomp:" /proc/self/status
      grep -cE " /(proc|sys)/[^ ]+ (tmpfs|proc|devtmpfs) .*ro[, ]" /proc/mounts
      grep " /sys sysfs " /proc/mounts | cut -d " " -f 4 | cut -d , -f 1
      { echo renamed >/proc/sys/kernel/hostname; } 2>/dev/null && echo writable
      : >/dev/dir/log && echo opened
      mkdir /m && mount -t tmpfs none /m && echo mounted`
    await rt().host.sh('mkdir /dev/dir; mknod /dev/dir/log c 1 11; ln -s log /dev/dir/link')
    const lines = (await inside(look, '--privileged')).trim().split('\n')
    expect(lines[1]).toBe('Seccomp:\t0')
    expect(lines.slice(2)).toEqual(['0', 'rw', 'writable', 'opened', 'mounted'])
    const all = /CapBnd:\t(\S+)/.exec(await rt().host.read('/proc/1/status'))?.[1]
    expect(lines[0]).toBe(`CapEff:\t${all}`)
    // A device of the host that is in no other container, at its own place and with its numbers.
    const log = 'stat -c "%F %t:%T" /dev/dir/log 2>/dev/null || echo none; ls /dev/dir/link 2>/dev/null || echo no link'
    expect(await inside(log, '--privileged')).toBe('character special file 1:b\nno link\n')
    expect(await inside(log)).toBe('none\nno link\n')
    // One that is asked for there by name is not made twice.
    expect(await inside('ls -l /dev/dir/log | cut -c 1', '--privileged', '--device=/dev/dir/log')).toBe('c\n')
    await rt().host.sh('rm -r /dev/dir')
  })

  it('--privileged -u: a user is no root', async () => {
    expect(await inside('grep CapEff /proc/self/status', '--privileged', '-u', '1000')).toBe(
      'CapEff:\t0000000000000000\n',
    )
  })

  it('--privileged: control groups that it makes in its own go with it', async () => {
    const make = `
      for group in /sys/fs/cgroup /sys/fs/cgroup/memory; do
        [ ! -f $group/cgroup.procs ] || mkdir -p $group/inner/most && echo made
      done`
    const before = await rt().world.snapshot()
    expect(await inside(make, '--privileged', '-m', '64m')).toContain('made')
    await rt().world.expectNoLeaks(before)
  })

  it('--device-cgroup-rule lets a device be opened that the container makes itself', async () => {
    const open = 'mknod /k c 1 11 && { (: >/k) 2>/dev/null && echo opened || echo refused; }'
    expect(await inside(open)).toBe('refused\n')
    expect(await inside(open, '--device-cgroup-rule=c 1:11 w')).toBe('opened\n')
    expect(await inside(open, '--device-cgroup-rule', 'a *:* rwm')).toBe('opened\n')
    for (const bad of ['c 1:11', 'x 1:1 r', 'c 1:1 rx', 'c 1 r'])
      expect(await refused(`--device-cgroup-rule=${bad}`)).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })

  it('--security-opt systempaths=unconfined masks nothing; a profile of its own is refused with the reason', async () => {
    const look = '{ echo x >/proc/sys/kernel/hostname; } 2>/dev/null && echo writable || echo read-only'
    expect(await inside(look)).toBe('read-only\n')
    expect(await inside(look, '--security-opt=systempaths=unconfined')).toBe('writable\n')
    expect(await inside('echo fine', '--security-opt=apparmor=unconfined', '--security-opt=label=disable')).toBe(
      'fine\n',
    )
    const profile = await refused('--security-opt=seccomp=/root/profile.json')
    expect(profile).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
    expect(profile.sentence).toMatch(/one profile of system calls/)
  })

  it('--ipc=host shares the host\u2019s shared memory, --ipc=none has none', async () => {
    const { host } = rt()
    await host.sh('mkdir -p /dev/shm && grep -q " /dev/shm " /proc/mounts || mount -t tmpfs shm /dev/shm')
    await host.write('/dev/shm/of-the-host', 'here\n')
    const ipc = 'readlink /proc/self/ns/ipc'
    expect(await inside(`cat /dev/shm/of-the-host; ${ipc}`, '--ipc=host')).toBe(`here\n${await host.sh(ipc)}`)
    expect(await inside('ls /dev/shm; ls -d /dev/shm', '--ipc=private')).toBe('/dev/shm\n')
    expect(await inside('ls -d /dev/shm 2>/dev/null || echo none', '--ipc=none')).toBe('none\n')
    expect(await refused('--ipc=host', '--sysctl=kernel.shmmax=1')).toMatchObject({ code: 'RT_USAGE' })
    for (const mode of ['container:box', 'shareable']) {
      const found = await refused(`--ipc=${mode}`)
      expect(found).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
      expect(found.sentence).toContain(`--ipc ${mode}`)
    }
    await host.sh('rm /dev/shm/of-the-host')
  })

  it('--pid=host sees the host\u2019s processes, and nothing of it is left when its first one ends', async () => {
    const before = await rt().world.snapshot()
    const pids = 'readlink /proc/self/ns/pid'
    expect(await inside(pids, '--pid=host')).toBe(await rt().host.sh(pids))
    // Orphans that nobody waits for, with the output still in their hands: in the foreground, in the background, and killed.
    const script =
      'for n in 1 2 3; do setsid sleep 4321 & done; until [ $(ps | grep -c " sleep 4321$") = 3 ]; do :; done; echo 3'
    expect(await inside(script, '--pid=host')).toBe('3\n')
    expect(await rt().host.sh('pgrep -f "[s]leep 4321" || echo none')).toBe('none\n')
    const d = ['run', '-d', '--network=none', '--pid=host', '--name=box']
    await rt().out([...d, '--init', 'busybox', 'sh', '-c', `${script}; sleep 1000`])
    await until('it has begun', async () => (await rt().out(['logs', 'box'])) !== '')
    expect((await inspect('box')).HostConfig.PidMode).toBe('host')
    expect(await rt().out(['exec', 'box', 'sh', '-c', pids])).toBe(await rt().host.sh(pids))
    await rt().out(['rm', '-f', 'box'])
    expect(await rt().host.sh('pgrep -f "[s]leep 4321" || echo none')).toBe('none\n')

    await rt().out([...d, '--restart=on-failure:2', 'busybox', 'sh', '-c', 'setsid sleep 4321 & exit 1'])
    // `wait` may end with any of its three lives.
    await until('there are no more restarts', async () => (await inspect('box')).State.Status === 'exited')
    expect(await rt().host.sh('pgrep -f "[s]leep 4321" || echo none')).toBe('none\n')
    await rt().out(['rm', 'box'])
    await rt().world.expectNoLeaks(before)
  })

  it('--pid=host: what a killed monitor leaves is ended by the next rt', async () => {
    const before = await rt().world.snapshot()
    await rt().out([
      'run',
      '-d',
      '--network=none',
      '--pid=host',
      '--name=box',
      'busybox',
      'sh',
      '-c',
      'setsid sleep 4321 & sleep 1000',
    ])
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await rt().out(['ps', '-a'])
    expect(await rt().host.sh('pgrep -f "[s]leep 4321" || echo none')).toBe('none\n')
    await rt().out(['rm', 'box'])
    await rt().world.expectNoLeaks(before)
  })

  it('--pid=container:NAME sees that one\u2019s processes, and ends with it', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--network=none', '--name=first', 'busybox', 'sleep', '1234'])
    expect(
      await inside(
        'cat /proc/1/cmdline | tr "\\0" " "; echo $$ | grep -vx 1 >/dev/null && echo another',
        '--pid=container:first',
      ),
    ).toBe('sleep 1234 another\n')
    await rt().out([
      'run',
      '-d',
      '--network=none',
      '--name=second',
      '--pid=container:first',
      '--restart=no',
      'busybox',
      'sleep',
      '1000',
    ])
    await rt().out(['rename', 'first', 'renamed'])
    await rt().out(['restart', '-t0', 'second'])
    await rt().out(['stop', '-t0', 'renamed'])
    expect(await rt().out(['wait', 'second'])).toBe('137\n')
    const start = readComplaint(await rt().run(['start', 'second']))
    expect(start).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING', exitCode: 1 })
    expect(start.sentence).toBe('The container renamed, whose processes it is to see, is not running')
    expect(await refused('--pid=container:renamed')).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING', exitCode: 125 })
    expect(await refused('--pid=container:nobody')).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 125 })
    expect(await refused('--pid=other')).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
    await rt().out(['rm', 'renamed', 'second'])
    await rt().world.expectNoLeaks(before)
  })

  it('--uts=host has the host\u2019s name, and cannot be renamed', async () => {
    const uts = 'hostname; readlink /proc/self/ns/uts'
    expect(await inside(uts, '--uts=host')).toBe(await rt().host.sh(uts))
    expect(await refused('--uts=host', '--hostname=x')).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
    expect(await refused('--uts=other')).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })

  it('--cgroupns=host', async () => {
    const look = 'readlink /proc/self/ns/cgroup'
    expect(await inside(look, '--cgroupns=host')).toBe(await rt().host.sh(look))
    expect(await inside(look, '--cgroupns=private')).not.toBe(await rt().host.sh(look))
  })

  it('--domainname, in the kernel and in /etc/hosts', async () => {
    const look = 'cat /proc/sys/kernel/domainname; hostname -f'
    for (const network of ['bridge', 'none'])
      for (const [flags, name] of [
        [['--hostname=box'], 'box'],
        [['--own-hosts', '--hostname=own'], 'own'],
      ] as const) {
        if (network === 'none') continue
        const args = ['run', '--rm', `--network=${network}`, ...flags, '--domainname=example.org', 'busybox']
        expect(await rt().out([...args, 'sh', '-c', look])).toBe(`example.org\n${name}.example.org\n`)
      }
    expect(await refused('--domainname=a b')).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })

  it('--annotation is in the spec, and in inspect', async () => {
    await rt().out(['create', '--name=box', '--network=none', '--annotation=a.b=c', 'busybox', 'true'])
    expect((await inspect('box')).HostConfig.Annotations).toEqual({ 'a.b': 'c' })
    await rt().out(['rm', 'box'])
    expect(await refused('--annotation=alone')).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })
})
