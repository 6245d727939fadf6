import { describe, expect, it } from 'vitest'
import { cannotRun, type Rt, useRt } from './rt.ts'

/** What `rt config` says of one key. */
async function setting(rt: Rt, key: string, args: string[] = [], env: Record<string, string> = {}) {
  const entries = JSON.parse(await rt.out(['config', '--json', ...args], { env }))
  return entries[key]
}

describe.skipIf(cannotRun)('config files pick drivers', () => {
  const rt = useRt()
  const interfaces = (args: string[], env: Record<string, string> = {}) =>
    rt().out(['run', '--rm', ...args, 'busybox', 'ls', '/sys/class/net'], { env })

  it('a rt.yaml with `network: none` beside --network=host: the flag wins, and rt config says where it came from', async () => {
    await rt().host.write('/root/rt.yaml', 'network: none\n')
    expect(await interfaces([])).toBe('lo\n')
    expect(await interfaces(['--network=host'])).toContain('br0')
    expect(await setting(rt(), 'network')).toEqual({ value: 'none', source: '/root/rt.yaml' })
    expect(await setting(rt(), 'network', ['--network=host'])).toEqual({ value: 'host', source: '--network' })
    expect(await setting(rt(), 'storage')).toEqual({ value: 'overlay', source: 'default' })
    expect(await rt().out(['config', '--network=host'])).toMatch(/^network +host +--network$/m)
    await rt().host.sh('rm rt.yaml')
  })

  it('later wins: the machine, the user, the directory, the environment, the flag', async () => {
    const { host } = rt()
    await host.write('/etc/rt/config.yaml', 'network: none\nstorage: copy\n')
    expect(await setting(rt(), 'network')).toEqual({ value: 'none', source: '/etc/rt/config.yaml' })
    await host.write('/root/.config/rt/config.yaml', 'network: host\n')
    expect(await setting(rt(), 'network')).toEqual({ value: 'host', source: '/root/.config/rt/config.yaml' })
    await host.write('/root/other/rt/config.yaml', 'network: bridge\n')
    const xdg = { XDG_CONFIG_HOME: '/root/other' }
    expect(await setting(rt(), 'network', [], xdg)).toEqual({ value: 'bridge', source: '/root/other/rt/config.yaml' })
    await host.write('/root/rt.yaml', 'network: none\n')
    expect(await setting(rt(), 'network', [], xdg)).toEqual({ value: 'none', source: '/root/rt.yaml' })
    const env = { ...xdg, RT_NETWORK: 'host' }
    expect(await setting(rt(), 'network', [], env)).toEqual({ value: 'host', source: 'RT_NETWORK' })
    expect(await interfaces([], env)).toContain('br0')
    expect(await setting(rt(), 'network', ['--network=none'], env)).toEqual({ value: 'none', source: '--network' })
    expect(await interfaces(['--network=none'], env)).toBe('lo\n')
    // What no later layer names is still the machine's.
    expect(await setting(rt(), 'storage', [], env)).toEqual({ value: 'copy', source: '/etc/rt/config.yaml' })
    await host.sh('rm -r /etc/rt /root/.config /root/other /root/rt.yaml')
  })

  it("a driver's options stand in a section of its name", async () => {
    const { host } = rt()
    await host.write(
      '/root/rt.yaml',
      'network:\n  driver: bridge\n  bridge:\n    name: rt7\n    subnet: 10.77.0.0/24\n    mtu: 1400\n',
    )
    expect(await setting(rt(), 'network.bridge.subnet')).toEqual({ value: '10.77.0.0/24', source: '/root/rt.yaml' })
    const out = await rt().out(['run', '--rm', 'busybox', 'sh', '-c', 'ip addr show eth0; ip route'])
    expect(out).toMatch(/mtu 1400/)
    expect(out).toMatch(/inet 10\.77\.0\.\d+\/24/)
    expect(out).toContain('default via 10.77.0.1')
    const env = { RT_NETWORK_BRIDGE_MTU: '1300' }
    expect(await setting(rt(), 'network.bridge.mtu', [], env)).toEqual({ value: 1300, source: 'RT_NETWORK_BRIDGE_MTU' })
    await host.sh('rm rt.yaml; ip link del rt7')
  })

  it('another data directory by flag or environment', async () => {
    expect(await setting(rt(), 'root', ['--root=/mnt/data'])).toEqual({ value: '/mnt/data', source: '--root' })
    const env = { RT_ROOT: '/mnt/data', RT_RUN_ROOT: '/mnt/run' }
    expect(await setting(rt(), 'run-root', [], env)).toEqual({ value: '/mnt/run', source: 'RT_RUN_ROOT' })
  })

  it.each([
    ['an unknown key', 'netwrok: none\n', /unknown key "netwrok".*"network"/],
    ['an unknown key of a section', 'network:\n  drivr: none\n', /unknown key "network\.drivr".*"driver"/],
    ['an unknown driver section', 'network:\n  bridgee:\n    mtu: 1400\n', /network\.bridgee.*"bridge"/],
    ['a value of the wrong kind', 'network: [a, b]\n', /"network" must be a text/],
    ['what is not YAML', 'network: "none\n', /is not valid YAML/],
    ['what holds no keys', '- network\n', /does not hold keys and values/],
  ])('%s is an error that names the file', async (_, text, sentence) => {
    await rt().host.write('/root/rt.yaml', text)
    const complaint = await rt().complaint(['run', '--rm', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_CONFIG_INVALID', exitCode: 125 })
    expect(complaint.sentence).toMatch(sentence)
    expect(complaint.sentence).toContain('/root/rt.yaml')
    await rt().host.sh('rm rt.yaml')
  })

  it.each([
    ['an unknown option', 'subent: 10.0.0.0/24', /network\.bridge.*subent.*subnet/],
    ['a value that it cannot use', 'subnet: 10.0.0.1/24', /network\.bridge\.subnet.*10\.0\.0\.1\/24/],
  ])('%s of a driver is an error that names it', async (_, line, sentence) => {
    await rt().host.write('/root/rt.yaml', `network:\n  bridge:\n    ${line}\n`)
    const complaint = await rt().complaint(['run', '--rm', '--network=bridge', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_DRIVER_OPTION', exitCode: 125 })
    expect(complaint.sentence).toMatch(sentence)
    await rt().host.sh('rm rt.yaml')
  })

  it('a place where no file can be is refused, and not tried for ever', async () => {
    const args = ['run', '--rm', '--network=none', 'busybox', 'true']
    for (const flag of ['--root=/proc/x', '--root=/sys', '--run-root=/proc/x'])
      expect(await rt().complaint([flag, ...args])).toMatchObject({ code: 'RT_CONFIG_INVALID', exitCode: 125 })
  })

  it('an unknown network in a file is an error with a suggestion', async () => {
    await rt().host.write('/root/rt.yaml', 'network: hots\n')
    const complaint = await rt().complaint(['run', '--rm', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_NET_UNKNOWN', exitCode: 125 })
    expect(complaint.sentence).toContain('Did you mean "host"?')
    await rt().host.sh('rm rt.yaml')
  })
})
