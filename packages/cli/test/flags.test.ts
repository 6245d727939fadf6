import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

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

  it('--dns-search and --dns-option in place of the host\u2019s', async () => {
    await rt().host.write('/etc/resolv.conf', 'search example.org\nnameserver 198.51.100.7\noptions ndots:2\n')
    const conf = async (...flags: string[]) => rt().out(['run', '--rm', ...flags, 'busybox', 'cat', '/etc/resolv.conf'])
    for (const network of ['bridge', 'none', 'host']) {
      const flags = [`--network=${network}`, '--dns-search=a.example', '--dns-search=b.example', '--dns-option=ndots:5']
      expect(await conf(...flags, '--dns-opt=rotate')).toBe(
        'nameserver 198.51.100.7\nsearch a.example b.example\noptions ndots:5 rotate\n',
      )
      expect(await conf(`--network=${network}`, '--dns-search=.')).toBe('nameserver 198.51.100.7\noptions ndots:2\n')
    }
    const args = ['run', '--rm', '--network=none', '--dns-search=a b', 'busybox', 'true']
    expect(await rt().complaint(args)).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
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
