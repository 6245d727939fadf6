import type { RunResult } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, type Rt, useRt } from './rt.ts'

/** What makes two containers equal: network, root, user, rights, environment, mounts, devices. */
const LOOK = `
  echo == network; ip -o addr; ip route; cat /etc/hosts /etc/resolv.conf; hostname
  echo == root; ls -l / | awk '{print $1, $3, $4, $9}'; cut -d ' ' -f 2,3 /proc/mounts | grep -v '^/ '; awk '$2 == "/" {print $3, $4}' /proc/mounts | cut -d , -f 1,2
  echo == process; id; pwd; env | sort; grep -E '^(Cap|NoNewPrivs|Uid|Gid|Groups)' /proc/self/status; cat /proc/1/comm
  echo == devices; ls -l /dev | awk '{print $1, $3, $4, $5, $6}' | grep '^[cb]'; ls /dev
  echo == limits; ulimit -n; cat /proc/self/cgroup | cut -d : -f 3 | sort -u
  touch /proc/sys/x 2>/dev/null || echo proc read-only; touch /x 2>/dev/null && echo root writable`

/** Each container has an address, a MAC, interface numbers and an id of its own, and the script's has no seccomp filter to count. */
const normalize = (text: string): string => {
  const address = /eth0 +inet (172\.16\.\d+\.\d+)\/16/.exec(text)?.[1]
  return (address === undefined ? text : text.replaceAll(address, 'ADDRESS'))
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'ID')
    .replaceAll(/^\d+: (\w+)@\w+/gm, '$1')
    .replaceAll(/^\d+: /gm, '')
    .replaceAll(/ fe80:\S+/g, ' LINKLOCAL')
}

/** In the host's network the two worlds differ by nothing but what rt made in one of them. */
const withoutBridges = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\d*:? ?br0|^172\.16\.0\.0\/16 dev br0/.test(line))
    .join('\n')

const runIn = (rt: Rt, script: string): Promise<RunResult> => rt.host.run(['bash', '-c', script])

describe.skipIf(cannotRun)('rt explain is a script that makes the same container', () => {
  /** Where rt explains and runs. */
  const rt = useRt()
  /** Where the scripts run, in the same state. */
  const other = useRt()

  const runScript = (script: string): Promise<RunResult> => runIn(other(), script)
  const both = async (args: string[], command: string[]) => {
    for (const { host } of [rt(), other()]) await host.sh('mkdir -p data; echo from the host >data/file')
    const untouched = await rt().world.snapshot()
    const script = await rt().out(['explain', '--name=same', ...args, 'busybox', ...command])
    const run = () => rt().run(['run', '--rm', '--name=same', ...args, 'busybox', ...command])
    return { script, untouched, run }
  }

  const NETWORKS = ['none', 'host', 'bridge']
  const STORAGES = ['overlay', 'copy']

  it.each(NETWORKS.flatMap((network) => STORAGES.map((storage) => [network, storage] as const)))(
    '%s and %s',
    async (network, storage) => {
      const args = [`--network=${network}`, `--storage=${storage}`]
      const { script, run } = await both(args, ['sh', '-c', `${LOOK}; exit 7`])
      const made = await runScript(script)
      expect(made.stderr).toBe('')
      expect(made.code).toBe(7)
      const ran = await run()
      expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 7, stderr: '' })
      expect(withoutBridges(normalize(made.stdout))).toBe(withoutBridges(normalize(ran.stdout)))
      if (network === 'bridge')
        expect(made.stdout).toMatch(/eth0 +inet 172\.16\.\d+\.\d+\/16[\s\S]*default via 172\.16\.0\.1/)
      // It cleans up after itself as rt does, and works again.
      const before = await other().world.snapshot()
      const again = await runScript(script)
      expect({ code: again.code, stderr: again.stderr, stdout: normalize(again.stdout) }).toEqual({
        code: 7,
        stderr: '',
        stdout: normalize(made.stdout),
      })
      await other().world.expectNoLeaks(before)
    },
  )

  it.each([
    [['-u', 'nobody', '-w', '/made/here', '--hostname=box', '-e', 'QUOTED=it\'s "$HOME"', '--network=none']],
    [
      [
        '--read-only',
        '--tmpfs=/scratch:size=1m',
        '-v',
        '/root/data:/data:ro',
        '--cap-drop=ALL',
        '--cap-add=CHOWN',
        '--network=none',
      ],
    ],
    [['--add-host=db:10.1.2.3', '--dns=192.0.2.53', '--security-opt=no-new-privileges', '--network=bridge']],
  ])('with %j', async (args) => {
    const { script, run } = await both(args, ['sh', '-c', `${LOOK}; cat /data/file 2>/dev/null`])
    const made = await runScript(script)
    const ran = await run()
    expect(made.stderr).toBe(ran.stderr)
    expect(made.code).toBe(ran.code)
    expect(normalize(made.stdout)).toBe(normalize(ran.stdout))
  })

  it('says why of every step, and changes nothing itself', async () => {
    const { script, untouched } = await both(['--network=bridge', '--storage=overlay'], ['ip', 'addr'])
    await rt().world.expectNoLeaks(untouched)
    expect(script).toMatch(/^#!\/usr\/bin\/env bash\n/)
    for (const command of ['ip link add', 'mount -t overlay', 'pivot_root', 'setpriv', 'clean_up'])
      expect(script).toContain(command)
    const syntax = await rt().host.run(['bash', '-n'], { input: script })
    expect(syntax).toMatchObject({ code: 0, stderr: '' })
  })

  it('--dry-run lists the steps and changes nothing, --explain lists them and runs', async () => {
    const before = await rt().world.snapshot()
    const dry = await rt().out(['run', '--dry-run', '--network=bridge', 'busybox', 'true'])
    expect(dry).toMatch(/\d+ steps, nothing was done/)
    await rt().world.expectNoLeaks(before)
    const result = await rt().run(['run', '--rm', '--explain', '--network=none', 'busybox', 'echo', 'hello'])
    expect(result).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(result.stderr).toContain('pivot_root')
    await rt().world.expectNoLeaks(before)
  })
})

describe.skipIf(cannotRun)('rt explain on a machine where there was never a container', () => {
  const rt = useRt({ warm: false })
  const other = useRt({ warm: false })

  it('also makes the bridge and its rules, with which a container reaches the internet', async () => {
    for (const each of [rt(), other()]) await each.run(['run', '--rm', '--network=none', 'busybox', 'true'])
    const command = ['sh', '-c', 'ip -4 -o addr show eth0; wget -qO- http://203.0.113.1/']
    const script = await rt().out(['explain', '--network=bridge', 'busybox', ...command])
    expect(await rt().host.sh('ls /sys/class/net')).not.toContain('br0')
    for (const line of ['type bridge', 'MASQUERADE', 'ip_forward']) expect(script).toContain(line)
    await using server = await other().world.internet.httpServer()
    const made = await runIn(other(), script)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toMatch(/inet 172\.16\.0\.\d+\/16[\s\S]*198\.51\.100\.2/)
    expect(server.requests.map(({ peer }) => peer)).toEqual(['198.51.100.2'])
    // What rt would have made, it finds complete.
    const rules = () =>
      other().host.sh('iptables-save | grep -e "^-A" -e "^:RT"; ip -4 -o addr show br0; cat /sys/class/net/br0/address')
    const before = (await rules()).replace(/\[.*?\]/g, '')
    expect((await other().run(['run', '--rm', '--network=bridge', 'busybox', 'true'])).code).toBe(0)
    expect((await rules()).replace(/\[.*?\]/g, '')).toBe(before)
  })
})
