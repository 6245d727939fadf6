import { existsSync } from 'node:fs'
import { patience, type Running } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

const missing = existsSync('/usr/bin/lxcfs') ? undefined : 'needs lxcfs: apt-get install lxcfs'
const FILES = ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'stat', 'swaps', 'uptime']
const MOUNTED = [...FILES.map((name) => `/proc/${name}`), '/sys/devices/system/cpu']

describe.skipIf(cannotRun ?? missing)(`lxcfs${missing === undefined ? '' : ` (${missing})`}`, () => {
  const rt = useRt({ internet: false })
  const run = (script: string, ...flags: string[]) =>
    rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'sh', '-c', script])
  /** Where a container sees lxcfs. */
  const mounted = async (...flags: string[]) =>
    (await run('awk \'$3 == "fuse.lxcfs" { print $2 }\' /proc/mounts | sort', ...flags)).split('\n').filter(Boolean)
  const advice = async () =>
    (JSON.parse((await rt().run(['doctor', '--json'])).stdout) as { driver: string; advice?: string }[]).find(
      ({ driver }) => driver === 'namespaces',
    )?.advice
  let lxcfs: Running

  it('does not run: auto does without, on is refused, doctor says what it would give', async () => {
    expect(await mounted()).toEqual([])
    expect(await mounted('--lxcfs=off')).toEqual([])
    const complaint = await rt().complaint(['run', '--rm', '--lxcfs=on', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_LXCFS_MISSING', exitCode: 125 })
    expect(complaint.remedy).toContain('lxcfs')
    expect(await advice()).toMatch(/free, top.*apt-get install lxcfs/)
  })

  it('runs: its files take the place of the kernel\u2019s, unless they are not wanted', async () => {
    await rt().host.sh('mkdir -p /var/lib/lxcfs')
    lxcfs = rt().host.spawn(['lxcfs', '-f', '-p', '/run/lxcfs.pid', '/var/lib/lxcfs'])
    await until('lxcfs is mounted', async () => (await rt().host.read('/proc/mounts')).includes('fuse.lxcfs'))
    for (const flags of [[], ['--lxcfs=auto'], ['--lxcfs=on']]) expect(await mounted(...flags)).toEqual(MOUNTED)
    expect(await mounted('--lxcfs=off')).toEqual([])
    expect(await advice()).toBeUndefined()
  })

  it('every one can be read, none be written', async () => {
    const script = `for f in ${FILES.join(' ')}; do [ -n "$(cat /proc/$f)" ] || echo "$f is empty"; done
      cat /sys/devices/system/cpu/online; ( : >/sys/devices/system/cpu/uevent ) 2>&1 | grep -o "Read-only file system"
      free | grep -c Mem; uptime | grep -c load`
    expect(await run(script)).toMatch(/^[0-9,-]+\nRead-only file system\n1\n1\n$/)
  })

  it('uptime is the container\u2019s own', async () => {
    const [container, host] = [await run('cat /proc/uptime'), await rt().host.read('/proc/uptime')]
    // The host has been up for longer, if only by the time that this test needed to come here.
    expect(Number.parseFloat(container)).toBeLessThan(Math.min(patience(30), Number.parseFloat(host)))
  })

  it('shows the limit of the container\u2019s memory', async () => {
    const container = rt().spawn(['run', '--rm', '-i', '--network=none', '--name=limited', 'busybox', 'sh', '-c', LOOK])
    await container.waitFor(/ready/)
    const whole = /^MemTotal: +(\d+) kB$/m.exec(await rt().host.read('/proc/meminfo'))?.[1]
    expect(Number(whole)).toBeGreaterThan(65536)
    const [{ State }] = JSON.parse(await rt().out(['inspect', 'limited'])) as [{ State: { Pid: number } }]
    await rt().host.sh(LIMIT, { env: { PID: String(State.Pid) } })
    container.write('\n')
    const [, total] = await container.waitFor(/MemTotal: +(\d+) kB/)
    expect(total).toBe('65536')
    await container.exit
    await rt().host.sh('! [ -d /sys/fs/cgroup/memory/limited ] || rmdir /sys/fs/cgroup/memory/limited')
  })

  it('what the user mounts there is left alone', async () => {
    await rt().host.sh('echo mine >/root/mine')
    expect(await run('cat /proc/uptime', '-v', '/root/mine:/proc/uptime')).toBe('mine\n')
  })

  it('the config says what a container that does not say gets', async () => {
    await rt().host.write('/root/rt.yaml', 'isolation:\n  namespaces:\n    lxcfs: off\n')
    expect(await mounted()).toEqual([])
    expect(await mounted('--lxcfs=on')).toEqual(MOUNTED)
    await rt().host.write('/root/rt.yaml', 'isolation:\n  namespaces:\n    lxcfs: perhaps\n')
    expect(await rt().complaint(['run', 'busybox'])).toMatchObject({ code: 'RT_DRIVER_OPTION', exitCode: 125 })
    await rt().host.sh('rm /root/rt.yaml')
  })

  it('has died: auto does without, on is refused, doctor says so', async () => {
    await lxcfs.kill('SIGKILL')
    await lxcfs.exit
    expect(await rt().host.sh('cat /var/lib/lxcfs/proc/uptime 2>&1 || :')).toContain('not connected')
    expect(await mounted()).toEqual([])
    const complaint = await rt().complaint(['run', '--rm', '--lxcfs=on', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_LXCFS_MISSING', exitCode: 125 })
    expect(complaint.sentence).toContain('does not answer')
    expect(await advice()).toMatch(/has ended.*systemctl restart lxcfs/)
  })
})

const LOOK = 'echo ready; read -r _; grep MemTotal /proc/meminfo'

/** Gives the container 64 MiB, whichever kind of cgroups there is: lxcfs goes by the cgroup of its first process. */
const LIMIT = `
  memory=/sys/fs/cgroup/memory
  if [ -d $memory ]; then
    mkdir $memory/limited
    echo 64M >$memory/limited/memory.limit_in_bytes
    echo $PID >$memory/limited/cgroup.procs
  else
    echo 64M >/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/$PID/cgroup)/memory.max
  fi`
