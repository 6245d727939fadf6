import { describe, expect, it } from 'vitest'
import { cannotRun, RT, useRt } from './rt.ts'

/** Small things that Docker's users type, and odd places that they stand in. */
describe.skipIf(cannotRun)('what Docker\u2019s users are used to', () => {
  const rt = useRt({ internet: false })
  const run = ['run', '--rm', '--network=none']
  const sh = (script: string) => rt().host.run(['sh', '-c', script])

  it('an id beyond the last one is no other user\u2019s', async () => {
    await rt().out(['run', '-d', '--name=ids', '--network=none', 'busybox', 'sleep', '1000'])
    for (const user of ['4294967296', '99999999999', '0:4294967296', '18446744073709551616']) {
      expect(await rt().complaint([...run, '-u', user, 'busybox', 'id'])).toMatchObject({ code: 'RT_USER_UNKNOWN' })
      expect(await rt().complaint(['exec', '-u', user, 'ids', 'id'])).toMatchObject({ code: 'RT_USER_UNKNOWN' })
    }
    expect(await rt().out(['exec', '-u', '2147483647', 'ids', 'id', '-u'])).toBe('2147483647\n')
    await rt().out(['rm', '-f', 'ids'])
  })

  it('names as inspect says them, with a slash', async () => {
    await rt().out(['create', '--name=/slash', '--network=none', 'busybox'])
    const name = (await rt().out(['inspect', '-f', '{{.Name}}', 'slash'])).trim()
    expect(name).toBe('/slash')
    await rt().out(['rename', name, '/other'])
    expect(await rt().out(['rm', '/other'])).toBe('/other\n')
  })

  it('{{.CreatedAt}} of listings as Go writes a time', async () => {
    await rt().out(['create', '--name=timed', '--network=none', 'busybox'])
    await rt().out(['network', 'create', 'timed'])
    const format = '--format={{.CreatedAt}}'
    const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC\n$/
    expect(await rt().out(['ps', '-a', '--filter=name=timed', format])).toMatch(time)
    expect(await rt().out(['images', 'busybox', format])).toMatch(time)
    const networks = await rt().out(['network', 'ls', '--filter=name=timed', format])
    expect(networks).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})? \+0000 UTC\n$/)
    expect(await rt().out(['history', 'busybox', format])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/)
    expect(await rt().out(['inspect', '-f', '{{.Created}}', 'timed'])).toMatch(/^\d{4}-\d\d-\d\dT.*Z\n$/)
    await rt().out(['network', 'rm', 'timed'])
    await rt().out(['rm', 'timed'])
  })

  it('-t alone needs no terminal', async () => {
    expect(await rt().run([...run, '-t', 'busybox', 'sh', '-c', 'test -t 1 && echo yes'], { input: '' })).toMatchObject(
      {
        code: 0,
        stdout: 'yes\r\n',
      },
    )
    expect(await rt().complaint([...run, '-it', 'busybox', 'true'])).toMatchObject({ code: 'RT_USAGE' })
  })

  it('a device that is there anyway', async () => {
    const script = 'test -c /dev/zero && test -c /dev/null && head -c 3 /dev/full | wc -c'
    const devices = ['--device=/dev/zero', '--device=/dev/zero:/dev/full:r']
    expect(await rt().out([...run, ...devices, 'busybox', 'sh', '-c', script])).toBe('3\n')
  })

  it('--add-host with "=", and IPv6 addresses', async () => {
    const hosts = await rt().out([...run, '--add-host=a=::1', '--add-host=b:[fd00::1]', 'busybox', 'cat', '/etc/hosts'])
    expect(hosts).toContain('::1\ta\n')
    expect(hosts).toContain('fd00::1\tb\n')
  })

  it('any user may look into a volume, whatever the umask was', async () => {
    const { stdout } = await sh(
      `umask 0777; ${RT} ${run.join(' ')} -u 1000 -v masked:/v busybox stat -c %a /v; ${RT} volume rm masked`,
    )
    expect(stdout).toBe('755\nmasked\n')
  })

  it('import takes the archive first, as Docker does', async () => {
    const { code, stderr } = await sh(
      `${RT} create --name src --network=none busybox; ${RT} export -o /root/a.tar src; ${RT} rm src
       cd /root; ${RT} import a.tar imported:1 && ${RT} import - imported:2 <a.tar && ${RT} import imported:3 a.tar`,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await rt().out([...run, 'imported:1', '/bin/echo', 'runs'])).toBe('runs\n')
    expect((await rt().complaint(['import', 'no-such.tar', 'debian:12'])).sentence).toContain('no-such.tar')
    expect((await rt().complaint(['import', 'debian:12', './no-such.tar'])).sentence).toContain('no-such.tar')
    await rt().out(['rmi', 'imported:1', 'imported:2', 'imported:3'])
  })

  it('a directory that has been removed is no reason not to work', async () => {
    const { code, stdout, stderr } = await sh(
      `mkdir /root/gone; cd /root/gone; rmdir /root/gone; ${RT} ${run.join(' ')} -v kept:/v busybox pwd; ${RT} volume rm kept; ${RT} ps -q`,
    )
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '/\nkept\n', stderr: '' })
  })

  it('cp takes the place of no device, FIFO or socket that is named', async () => {
    const listed = 'stat -c "%n %F" /root/null /root/fifo'
    await rt().host.sh('mknod /root/null c 1 3; mkfifo /root/fifo')
    const before = await rt().host.sh(listed)
    await rt().out(['create', '--name=from', '--network=none', 'busybox'])
    // The first copy makes its files ready.
    await rt().out(['cp', 'from:/etc/passwd', '/root/copied'])
    for (const path of ['/root/null', '/root/fifo']) {
      const refused = await rt().complaint(['cp', 'from:/etc/passwd', path])
      expect(refused).toMatchObject({ code: 'RT_PATH_UNFIT', exitCode: 1 })
    }
    expect(await rt().host.sh(listed)).toBe(before)
    await rt().out(['rm', 'from'])
  })

  it('what the system refuses is not reported as a fault of rt', async () => {
    for (const [script, complaint] of [
      [`${RT} images >/dev/full`, /no space left.*RT_DISK_FULL/],
      [`${RT} save busybox >/dev/full`, /no space left.*RT_DISK_FULL/],
      [`{ ${RT} save busybox; } | head -c 1 >/dev/null`, /gone before its end.*RT_STEP_FAILED/],
      [`RT_ROOT=/etc/passwd ${RT} ps`, /\/etc\/passwd.*RT_USAGE/],
      [`${RT} load -i /root`, /it is a directory.*RT_USAGE/],
      [`${RT} import /root x`, /it is a directory.*RT_USAGE/],
      [`HOME=/ setpriv --reuid=65534 --clear-groups ${RT} images`, /RT_NOT_ROOT/],
    ] as const) {
      const { stderr } = await sh(script)
      expect(stderr, script).toMatch(complaint)
    }
    expect(await rt().complaint(['cp', 'x:/y', ''])).toMatchObject({ code: 'RT_USAGE' })
  })
})
