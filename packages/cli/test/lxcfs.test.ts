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

  it('free and top show the limits that the container was given', async () => {
    const whole = /^MemTotal: +(\d+) kB$/m.exec(await rt().host.read('/proc/meminfo'))?.[1]
    expect(Number(whole)).toBeGreaterThan(65536)
    // Not busybox's free, which asks the kernel by sysinfo(2): no file system can answer that.
    const procps = ['/usr', '/lib', '/lib64'].flatMap((path) => ['-v', `${path}:${path}:ro`])
    const look = 'grep MemTotal /proc/meminfo; /usr/bin/free -k | grep Mem:; /usr/bin/top -bn1 -E k | grep "iB Mem"'
    expect(await run(look, '--memory=64m', ...procps)).toMatch(
      /^MemTotal: +65536 kB\nMem: +65536 .*\nKiB Mem : +65536(\.0)? total.*\n$/,
    )
    const processors = 'grep -c ^processor /proc/cpuinfo; cat /sys/devices/system/cpu/online'
    expect(await run(processors, '--cpuset-cpus=0')).toBe('1\n0\n')
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
