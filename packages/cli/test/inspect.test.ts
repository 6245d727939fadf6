import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt inspect and rt port', () => {
  const rt = useRt({ internet: false })
  const field = async (format: string, name = 'subject') => (await rt().out(['inspect', '-f', format, name])).trimEnd()

  // Without looking for leaks: the addresses of a fresh interface come a little later.
  const complaint = async (args: readonly string[]) => readComplaint(await rt().run(args))

  beforeAll(async () => {
    await rt().out(
      [
        ['run', '-d', '--name=subject', '--network=bridge', '--hostname=box', '--label=a=b', '--user=nobody'],
        ['--restart=on-failure:3', '--stop-signal=INT', '--stop-timeout=5', '--log-opt=max-size=10m', '--read-only'],
        ['--cap-add=SYS_PTRACE', '--cap-drop=MKNOD', '--dns=192.0.2.1', '--add-host=db:10.1.2.3', '--tmpfs=/t:size=1m'],
        ['-v', '/root/shared:/data:ro', '-e', 'A=1', '-w', '/tmp', '--entrypoint=sleep', 'busybox', '1000'],
      ].flat(),
    )
  })
  afterAll(async () => {
    await rt().out(['rm', '-f', 'subject'])
  })

  it('has Docker\u2019s fields', async () => {
    const [view] = JSON.parse(await rt().out(['inspect', 'subject']))
    expect(view).toMatchObject({
      Name: '/subject',
      Path: 'sleep',
      Args: ['1000'],
      State: {
        Status: 'running',
        Running: true,
        Paused: false,
        Restarting: false,
        OOMKilled: false,
        Dead: false,
        ExitCode: 0,
        Error: '',
        FinishedAt: '0001-01-01T00:00:00Z',
      },
      RestartCount: 0,
      Driver: 'overlay',
      HostConfig: {
        Binds: ['/root/shared:/data:ro'],
        LogConfig: { Type: 'json-file' },
        NetworkMode: 'bridge',
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        AutoRemove: false,
        CapAdd: ['SYS_PTRACE'],
        CapDrop: ['MKNOD'],
        Dns: ['192.0.2.1'],
        ExtraHosts: ['db:10.1.2.3'],
        ReadonlyRootfs: true,
        Tmpfs: { '/t': 'size=1m' },
        ShmSize: 67_108_864,
        Init: false,
      },
      Mounts: [{ Type: 'bind', Source: '/root/shared', Destination: '/data', RW: false, Mode: 'ro' }],
      Config: {
        Hostname: 'box',
        User: 'nobody',
        Tty: false,
        Cmd: ['1000'],
        Entrypoint: ['sleep'],
        Image: 'busybox',
        WorkingDir: '/tmp',
        Labels: { a: 'b' },
        StopSignal: 'INT',
        StopTimeout: 5,
      },
      NetworkSettings: { Networks: { bridge: { Gateway: '172.16.0.1', IPPrefixLen: 16 } } },
    })
    expect(view.Config.Env).toContain('A=1')
    expect(view.LogPath).toBe(`/var/lib/rt/containers/${view.Id}/json.log`)
    expect(Math.abs(Date.parse(view.State.StartedAt) - Date.now())).toBeLessThan(60_000)
    const inside = await rt().out(['exec', 'subject', 'ip', '-4', '-o', 'addr', 'show', 'eth0'])
    expect(inside).toContain(`inet ${view.NetworkSettings.IPAddress}/16`)
    expect(view.NetworkSettings.Networks.bridge.IPAddress).toBe(view.NetworkSettings.IPAddress)
  })

  it('--format: a path, a text with paths, Docker\u2019s one-field templates', async () => {
    expect(await field('State.Status')).toBe('running')
    expect(await field('{Name} is {State.Status}')).toBe('/subject is running')
    expect(await field('{{.State.Status}}')).toBe('running')
    expect(await field('{{.Config.Hostname}}-{{.HostConfig.ReadonlyRootfs}}')).toBe('box-true')
    expect(await field('{{json .Args}}')).toBe('["1000"]')
    expect(await field('Mounts[0].Source')).toBe('/root/shared')
    expect(await field('{{range .Mounts}}{{.Source}}{{end}} {{index .Args 0}} {{.Args}}')).toBe(
      '/root/shared 1000 [1000]',
    )
    expect(await field('{{range $name, $net := .NetworkSettings.Networks}}{{$name}}{{end}}')).toBe('bridge')
    expect(await field('{{range .Mounts}}{{.Name}}{{.Type}}{{end}}|{{.SizeRw}}|{{.Config.ExposedPorts}}')).toMatch(
      /^bind\|<no value>\|map\[/,
    )
    const inside = `nsenter --net=${await field('{{.NetworkSettings.SandboxKey}}')} ip -o link show eth0`
    expect(await rt().host.sh(inside)).toContain('eth0')
    expect(JSON.parse(await field('json'))).toMatchObject({ Name: '/subject' })
    const pid = await field('State.Pid')
    expect(await rt().host.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`)).toBe('sleep 1000 ')
    expect(await complaint(['inspect', '-f', 'State.Statsu', 'subject'])).toMatchObject({ code: 'RT_USAGE' })
  })

  it('several at once, containers and images; what is missing does not keep the others', async () => {
    const result = await rt().run(['inspect', '-f', '{Id}', 'subject', 'nobody', 'busybox'])
    expect(result.stdout).toMatch(/^[0-9a-f]{64}\nsha256:[0-9a-f]{64}\n$/)
    expect(result.stderr).toMatch(/nobody.*\[RT_CONTAINER_UNKNOWN\]/)
    expect(result.code).toBe(1)
    const [image] = JSON.parse(await rt().out(['inspect', '--type=image', 'busybox']))
    expect(image).toMatchObject({ RepoTags: ['busybox:latest'], Os: 'linux', RootFS: { Type: 'layers' } })
    expect(image.Size).toBeGreaterThan(100_000)
    expect(await complaint(['inspect', '--type=container', 'busybox'])).toMatchObject({ exitCode: 1 })
  })

  it('networks and volumes, by name and by type', async () => {
    await rt().out(['volume', 'create', 'busy'])
    expect(await field('{{.Mountpoint}}', 'busy')).toBe('/var/lib/rt/volumes/busy/_data')
    const own = '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}'
    expect(await field(own, 'bridge')).toBe('172.16.0.0/16 172.16.0.1')
    expect(await field(own, 'host')).toBe('')
    expect(await rt().out(['inspect', '--type=volume', '-f', '{{.Name}}', 'busy'])).toBe('busy\n')
    expect(await rt().out(['inspect', '--type=network', '-f', '{{.Driver}}', 'none'])).toBe('none\n')
    expect(await complaint(['inspect', '--type=network', 'busy'])).toMatchObject({ code: 'RT_NET_UNKNOWN' })
    expect(await complaint(['inspect', 'not:there'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 1 })
    await rt().out(['volume', 'rm', 'busy'])
  })

  it('one that has ended', async () => {
    await rt().run(['run', '--name=over', '--network=bridge', 'busybox', 'sh', '-c', 'exit 3'])
    const [view] = JSON.parse(await rt().out(['inspect', 'over']))
    expect(view.State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 3 })
    expect(view.NetworkSettings.IPAddress).toBe('')
    await rt().out(['rm', 'over'])
    expect(await complaint(['inspect', 'over'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 1 })
  })

  it('port: nothing is published', async () => {
    expect(await rt().out(['port', 'subject'])).toBe('')
    expect(await complaint(['port', 'subject', '80'])).toMatchObject({ code: 'RT_USAGE', exitCode: 1 })
    expect(await complaint(['port', 'nobody'])).toMatchObject({ code: 'RT_CONTAINER_UNKNOWN', exitCode: 1 })
  })
})
