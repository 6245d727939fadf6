import { describe, expect, it } from 'vitest'
import { cannotRun, RT, useRt } from './rt.ts'

const DEFAULT_CAPS = '00000000a80425fb'

describe.skipIf(cannotRun)('what a container is', () => {
  const rt = useRt({ internet: false })
  const inside = (script: string, ...flags: string[]) =>
    rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'sh', '-c', script])
  const status = (text: string, key: string) => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(text)?.[1]

  it('Docker\u2019s fourteen capabilities, its seccomp filter, no new privileges only on request', async () => {
    const text = await inside('cat /proc/self/status')
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(status(text, set), set).toBe(DEFAULT_CAPS)
    for (const set of ['CapInh', 'CapAmb']) expect(status(text, set), set).toBe('0000000000000000')
    expect(status(text, 'Seccomp')).toBe('2')
    expect(status(text, 'NoNewPrivs')).toBe('0')
    const hardened = await inside('cat /proc/self/status', '--security-opt=no-new-privileges')
    expect(status(hardened, 'NoNewPrivs')).toBe('1')
    expect(status(hardened, 'Seccomp')).toBe('2')
    const open = await inside('cat /proc/self/status', '--security-opt=seccomp=unconfined')
    expect(status(open, 'Seccomp')).toBe('0')
  })

  it.each([
    [['--cap-drop=ALL'], '0000000000000000'],
    [['--cap-drop=ALL', '--cap-add=CHOWN'], '0000000000000001'],
    [['--cap-drop=CHOWN'], '00000000a80425fa'],
    [['--cap-add=NET_ADMIN'], '00000000a80435fb'],
    [['--cap-add=cap_sys_time'], '00000000aa0425fb'],
  ])('capabilities with %j', async (flags, expected) => {
    expect(status(await inside('cat /proc/self/status', ...flags), 'CapEff')).toBe(expected)
  })

  it('system calls that could hurt the host are refused', async () => {
    const out = await inside(`
      unshare -m true 2>/dev/null || echo no unshare
      mount -t tmpfs none /mnt 2>/dev/null || mount -t tmpfs none /tmp 2>/dev/null || echo no mount
      hostname other 2>/dev/null || echo no hostname
      { echo 1 >/proc/sys/net/ipv4/ip_forward; } 2>/dev/null || echo no sysctl
      dmesg >/dev/null 2>&1 || echo no kernel log`)
    expect(out).toBe('no unshare\nno mount\nno hostname\nno sysctl\nno kernel log\n')
  })

  it('masked paths are empty, /proc/sys and /sys read-only', async () => {
    const out = await inside(`
      for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do [ ! -e $f ] || [ -z "$(head -c 1 $f 2>/dev/null)" ] || echo "$f can be read"; done
      for d in /proc/acpi /proc/scsi /sys/firmware; do [ ! -d $d ] || [ -z "$(ls $d)" ] || echo "$d shows something"; done
      for d in /proc/sys /proc/bus /proc/fs /proc/irq /sys /sys/fs/cgroup; do
        [ -d $d ] || continue; touch $d/x 2>/dev/null && echo "$d can be written"; done
      for f in /proc/sysrq-trigger; do ( : >$f ) 2>/dev/null && echo "$f can be written"; done; echo done`)
    expect(out).toBe('done\n')
  })

  it('nothing open but the three standard streams', async () => {
    expect(await inside('ls /proc/1/fd; true')).toBe('0\n1\n2\n')
    // Also when the caller leaves something open.
    const leaky = await rt().host.sh(
      `exec 7</etc/passwd 9>/root/x; ${RT} run --rm --network=none busybox sh -c 'ls /proc/1/fd; true'`,
    )
    expect(leaky).toBe('0\n1\n2\n')
  })

  it('signals and limits are as fresh as after a login', async () => {
    const script = `trap '' PIPE INT HUP; ulimit -n 512; ${RT} run --rm --network=none busybox grep -E 'SigIgn|SigBlk' /proc/self/status`
    expect(await rt().host.sh(script)).toMatch(/SigBlk:\s*0{16}\nSigIgn:\s*0{16}\n/)
    expect(Number(await inside('ulimit -n'))).toBeGreaterThanOrEqual(1024)
  })

  it('its own processes, of which the first is the program, and no trace of the host', async () => {
    const out = await inside(
      'echo $$; ls /proc | grep -c "^[0-9]"; hostname; cat /proc/1/cmdline | tr "\\0" " "; cat /proc/self/cgroup | cut -d: -f3 | sort -u',
    )
    const [pid, count, name, command, ...cgroups] = out.trim().split('\n')
    expect(pid).toBe('1')
    expect(Number(count)).toBeLessThanOrEqual(4)
    expect(name).toMatch(/^[0-9a-f]{12}$/)
    expect(command).toMatch(/^sh -c echo/)
    expect(cgroups.join()).not.toContain('rt-')
    const mountPoints = (await inside('cut -d " " -f 2 /proc/mounts')).trim().split('\n')
    expect(mountPoints.filter((path) => !/^\/($|proc|sys|dev|etc\/(hosts|hostname|resolv\.conf)$)/.test(path))).toEqual(
      [],
    )
  })

  it('Docker\u2019s /dev, its own terminals and shared memory', async () => {
    const out = await inside(
      'ls /dev; stat -c "%t,%T %a" /dev/null /dev/zero /dev/random /dev/tty; readlink /dev/ptmx; readlink /dev/fd; df -P /dev/shm | tail -1; mount | grep -c mqueue',
    )
    for (const name of [
      'fd',
      'full',
      'mqueue',
      'null',
      'ptmx',
      'pts',
      'random',
      'shm',
      'stderr',
      'stdin',
      'stdout',
      'tty',
      'urandom',
      'zero',
    ])
      expect(out).toMatch(new RegExp(`^${name}$`, 'm'))
    expect(out).toContain('1,3 666\n1,5 666\n1,8 666\n5,0 666\npts/ptmx\n/proc/self/fd\n')
    expect(out).toMatch(/ 65536 .* \/dev\/shm\n1\n$/)
  })

  it('a device node that it makes for the host\u2019s disk cannot be opened', async () => {
    const disk = (
      await rt().host.sh("awk 'NR>2 && $4 ~ /^(vd|sd|nvme|xvd|loop)/ {print $1, $2; exit}' /proc/partitions")
    ).trim()
    const [major, minor] = disk === '' ? ['8', '0'] : disk.split(' ')
    const out =
      await inside(`mknod /tmp/disk b ${major} ${minor} && echo made; head -c 1 /tmp/disk 2>&1 | grep -o "Operation not permitted"
      mknod /tmp/mem c 1 1; head -c 1 /tmp/mem 2>&1 | grep -o "Operation not permitted"; mknod /tmp/null c 1 3 && echo x >/tmp/null && echo null works`)
    expect(out).toBe('made\nOperation not permitted\nOperation not permitted\nnull works\n')
  })
})
