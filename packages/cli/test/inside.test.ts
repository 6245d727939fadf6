import { describe, expect, it } from 'vitest'
import { archive, member } from '../../images/test/archive.ts'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

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
    // Signals 32 and 33 are libc's own, which it sets itself where it needs them.
    expect(await rt().host.sh(script)).toMatch(/SigBlk:\s*0{16}\nSigIgn:\s*0{7}[01][08]0{7}\n/)
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

describe.skipIf(cannotRun)('what the flags of rt run do', () => {
  const rt = useRt({ internet: false })
  const inside = (script: string, ...flags: string[]) =>
    rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'sh', '-c', script])

  it('--read-only', async () => {
    const out = await inside(
      'touch /x 2>/dev/null || echo read-only; touch /dev/shm/x /data/x && echo elsewhere',
      '--read-only',
      '--tmpfs=/data',
    )
    expect(out).toBe('read-only\nelsewhere\n')
  })

  it('--tmpfs with options', async () => {
    const out = await inside(
      'mount | grep " /data "; df -P /data | tail -1 | tr -s " " | cut -d " " -f 2; stat -c %a /data',
      '--tmpfs=/data:size=1m,mode=700',
    )
    expect(out).toMatch(/^tmpfs on \/data type tmpfs .*nosuid.*\n1024\n700\n$/)
  })

  it('-v binds a directory or a file, read-only with :ro, and makes a missing one', async () => {
    const { host } = rt()
    await host.write('/root/shared/file', 'from the host\n')
    const out = await inside(
      'cat /a/file /f; echo back >/a/back; touch /b/x 2>/dev/null || echo no write; ls -d /c',
      '-v',
      '/root/shared:/a',
      '-v',
      '/root/shared:/b:ro',
      '-v',
      '/root/shared/file:/f:ro',
      '-v',
      '/root/made/here:/c',
    )
    expect(out).toBe('from the host\nfrom the host\nno write\n/c\n')
    expect(await host.read('/root/shared/back')).toBe('back\n')
    expect(await host.sh('stat -c %F /root/made/here')).toBe('directory\n')
    expect(await host.sh('cat /proc/mounts')).not.toContain('/root/shared')
  })

  it('-u by name and by number, with groups', async () => {
    expect(await inside('id -u; id -g; id -G', '-u', '1234:567')).toBe('1234\n567\n567\n')
    expect(await inside('id -u; id -g', '-u', '1234')).toBe('1234\n0\n')
    const named = await inside(
      'id; echo $HOME; grep CapEff /proc/self/status; touch /x 2>/dev/null || echo no',
      '-u',
      'nobody',
    )
    expect(named).toMatch(/^uid=\d+\(nobody\)[\s\S]*CapEff:\s0{16}\nno\n$/)
    expect(await inside('id -u', '-u', 'root')).toBe('0\n')
  })

  it('the primary group is among the groups, so that a file cannot be opened to all but its members (CVE-2022-36109)', async () => {
    for (const [flags, groups] of [
      [[], '0'],
      [['-u', '1234:567'], '567'],
      [['-u', 'nobody'], '65534'],
    ] as const)
      expect(await inside('grep Groups /proc/self/status', ...flags)).toMatch(new RegExp(`\\b${groups}\\b`))
  })

  it('-w is made where it is missing', async () => {
    expect(await inside('pwd; stat -c "%a %u" .', '-w', '/not/there/yet')).toBe('/not/there/yet\n755 0\n')
  })

  it('-e and --env-file, later wins; PATH, HOSTNAME and HOME are there, the caller\u2019s are not', async () => {
    await rt().host.write('/root/vars', '# comment\nA=file\nB=file with blanks \nC\n')
    const result = await rt().run(
      [
        'run',
        '--rm',
        '--network=none',
        '--env-file=/root/vars',
        '-e',
        'A=flag',
        '-e',
        'D',
        '-e',
        'E',
        '--hostname=box',
        'busybox',
        'env',
      ],
      { env: { C: 'caller', D: 'caller', SECRET: 'no', RT_NETWORK: 'none' } },
    )
    expect(result.stdout.trim().split('\n').sort()).toEqual([
      'A=flag',
      'B=file with blanks ',
      'C=caller',
      'D=caller',
      'HOME=/root',
      'HOSTNAME=box',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ])
  })

  it('--hostname, --add-host, --dns', async () => {
    const out = await rt().out([
      'run',
      '--rm',
      '--network=bridge',
      '--hostname=box',
      '--add-host=db:10.1.2.3',
      '--add-host=host:host-gateway',
      '--dns=192.0.2.53',
      'busybox',
      'sh',
      '-c',
      'hostname; cat /etc/hostname; cat /etc/hosts; cat /etc/resolv.conf; ip -4 -o addr show eth0',
    ])
    const address = /inet (\S+)\//.exec(out)?.[1]
    expect(out).toMatch(/^box\nbox\n/)
    expect(out).toMatch(/^127\.0\.0\.1\tlocalhost$/m)
    expect(out).toContain(`\n${address}\tbox\n`)
    expect(out).toContain('\n10.1.2.3\tdb\n172.16.0.1\thost\n')
    expect(out.match(/^nameserver .*$/gm)).toEqual(['nameserver 192.0.2.53'])
  })

  it('the name server is the host\u2019s', async () => {
    await rt().host.write(
      '/etc/resolv.conf',
      'search example.org\nnameserver 127.0.0.1\nnameserver 198.51.100.7\noptions ndots:2\n',
    )
    const conf = await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'cat', '/etc/resolv.conf'])
    expect(conf.trim().split('\n').sort()).toEqual(['nameserver 198.51.100.7', 'options ndots:2', 'search example.org'])
  })

  it('--entrypoint takes the place of the image\u2019s program', async () => {
    expect(await rt().out(['run', '--rm', '--network=none', '--entrypoint=/bin/echo', 'busybox', 'a', '-b'])).toBe(
      'a -b\n',
    )
  })

  it('flags stop at the image: what follows is the container\u2019s', async () => {
    expect(
      await rt().out(['run', '--rm', '--network=none', 'busybox', 'echo', '--rm', '-e', '--network=x', '--', '--help']),
    ).toBe('--rm -e --network=x -- --help\n')
  })

  it('files that a container writes in /etc stay its own', async () => {
    const before = await rt().host.sh('cat /etc/hosts /etc/resolv.conf /etc/hostname')
    await inside('echo 1.2.3.4 evil >>/etc/hosts; echo evil >/etc/hostname; echo evil >/etc/resolv.conf')
    expect(await rt().host.sh('cat /etc/hosts /etc/resolv.conf /etc/hostname')).toBe(before)
  })
})

const link = (name: string, target: string): Buffer => member({ name, type: '2', link: target, mode: 0o777 })
const directory = (name: string): Buffer => member({ name, type: '5', mode: 0o755 })

/** Every place where rt mounts, makes or writes something is a trap. */
const TRAPS: readonly [what: string, members: Buffer[]][] = [
  ['/proc -> /etc', [directory('etc/'), link('proc', '/etc')]],
  [
    '/proc and /sys -> outside',
    [link('proc', '../../../../root/victim'), link('sys', '/root/victim'), directory('etc/')],
  ],
  ['/dev -> outside', [link('dev', '/root/victim'), directory('etc/')]],
  ['/etc -> outside', [link('etc', '/root/victim')]],
  [
    '/etc/hosts and resolv.conf -> outside',
    [
      directory('etc/'),
      link('etc/hosts', '/root/victim/hosts'),
      link('etc/resolv.conf', '../../../../../../root/victim/file'),
    ],
  ],
  ['/etc/hostname -> a magic link', [directory('etc/'), link('etc/hostname', '/proc/self/exe')]],
  ['/etc/passwd -> the host\u2019s', [directory('etc/'), link('etc/passwd', '../../../../../../../etc/passwd')]],
  [
    '/dev/shm and /dev/pts -> outside',
    [directory('dev/'), link('dev/shm', '/root/victim'), link('dev/pts', '/root/victim'), directory('etc/')],
  ],
  ['a loop', [link('proc', 'sys'), link('sys', 'proc'), directory('etc/')]],
]

describe.skipIf(cannotRun)('a hostile image', () => {
  const rt = useRt({ internet: false })

  it.each(TRAPS)('%s: stays inside or is refused, and the host keeps its files', async (_, members) => {
    const { host, world } = rt()
    await host.sh(
      'rm -rf victim hostile.tar; mkdir -p victim bin; echo untouched >victim/file; cp $(command -v busybox) bin/busybox',
    )
    await host.write('/root/hostile.tar', archive(directory('bin/'), directory('root/'), ...members))
    await host.sh('tar -rf hostile.tar bin/busybox')
    await rt().out(['import', 'hostile', '/root/hostile.tar'])
    const sum = () =>
      host.sh(
        'find /root/victim /etc /proc/sys/kernel/hostname -printf "%p %i %m %s %T@ %l\\n" | sort; cat victim/file; cat /proc/mounts',
      )
    const [before, files] = [await world.snapshot(), await sum()]
    for (const storage of ['overlay', 'copy'])
      for (const flags of [
        [],
        ['-v', '/root/bin:/proc/../root/victim/x', '-w', '/etc/work', '--tmpfs=/sys/../etc/tmp'],
        ['-u', 'root'],
      ]) {
        const script = `${world.containerGuard} && { echo evil >/etc/hosts; echo evil >/etc/passwd; echo evil >/root/victim/file; } 2>/dev/null; /bin/busybox true`
        const result = await rt().run([
          'run',
          '--rm',
          '--network=none',
          `--storage=${storage}`,
          ...flags,
          'hostile',
          '/bin/busybox',
          'sh',
          '-c',
          script,
        ])
        // Either it runs, closed in, or rt says in one sentence why it cannot.
        if (result.code !== 0) expect(result.stderr).toMatch(/^rt: [^\n]+ \[RT_(?!INTERNAL)[A-Z_]+\]\n {2}[^\n]+\n$/)
      }
    expect(await sum()).toBe(files)
    await world.expectNoLeaks(before)
    await rt().out(['rmi', 'hostile'])
  })
})

describe.skipIf(cannotRun)('how the root becomes /', () => {
  const rt = useRt({ internet: false })
  const look =
    'ls / | tr "\\n" " "; ls /proc/1/root/etc/passwd; mount | grep -c " / "; cd /; cd ..; cd ../..; pwd; ls -d /var/lib/rt 2>&1; grep CapEff /proc/self/status'
  const closedIn = (caps: string) =>
    new RegExp(
      '^bin dev etc home proc root (\\S+ )*sys tmp (\\S+ )*/proc/1/root/etc/passwd\n1\n/\n' +
        `ls: /var/lib/rt: No such file or directory\nCapEff:\\s+${caps}\n$`,
    )
  /** Less CAP_SYS_CHROOT: the host's root is still there beneath, and chroot(2) is the way to it. */
  const CHROOT_CAPS = '00000000a80025fb'

  it('by pivot_root', async () => {
    const out = await rt().out(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', look])
    expect(out).toMatch(closedIn(DEFAULT_CAPS))
  })

  it('by chroot, where the config says so', async () => {
    const before = await rt().world.snapshot()
    const env = { RT_ISOLATION_NAMESPACES_ROOT: 'chroot' }
    const out = await rt().out(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', look], { env })
    expect(out).toMatch(closedIn(CHROOT_CAPS))
    await rt().world.expectNoLeaks(before)
  })

  /** A root of the host's own directories, and rt in it. */
  const inChroot = (prepare: string) => `
    mkdir -p plain/root; ${prepare}
    for name in /*; do
      if [ -L $name ]; then cp -P $name plain
      elif [ -d $name ] && [ $name != /root ]; then mkdir -p plain$name; mount --rbind $name plain$name; fi
    done
    exec chroot plain ${RT} run --rm --network=none busybox sh -c '${look.replaceAll("'", `'\\''`)}'`

  it('where rt itself runs in a chroot that is a mount point', async () => {
    const out = await rt().host.sh(`unshare -m sh -euc "$SCRIPT"`, {
      env: { SCRIPT: inChroot('mount --bind plain plain') },
    })
    expect(out).toMatch(closedIn(DEFAULT_CAPS))
  })

  it('in a chroot that is none it is refused, because its mounts could not be kept from the host', async () => {
    const complaint = readComplaint(await rt().host.run(['unshare', '-m', 'sh', '-euc', inChroot('')]))
    expect(complaint).toMatchObject({ code: 'RT_STEP_FAILED', exitCode: 125 })
    expect(await rt().out(['ps', '-aq'])).toBe('')
  })
})
