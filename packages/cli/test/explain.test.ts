import type { RunResult } from '@rt/test-world'
import { afterEach, describe, expect, it } from 'vitest'
import { cannotRun, type Rt, until, useRt } from './rt.ts'

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
  return (
    (address === undefined ? text : text.replaceAll(address, 'ADDRESS'))
      .replaceAll(/\b([0-9a-f]{12}|[0-9a-f]{64})\b/g, 'ID')
      .replaceAll(/^\d+: (\w+)@\w+/gm, '$1')
      .replaceAll(/^\d+: /gm, '')
      .replaceAll(/ fe80:\S+/g, ' LINKLOCAL')
      // The first process that --init leaves behind: rt's own, or the script's shell.
      .replaceAll(/^(rt-init|bash)$/gm, 'INIT')
  )
}

/** rt takes CAP_SYS_CHROOT where the root was entered by chroot; a script needs it to its very end, and says so. */
const withoutChrootRight = (text: string): string =>
  text.replace(/^(Cap(?:Prm|Eff|Bnd):\t00000000a80)[04](25fb)$/gm, '$1?$2')

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

  /** How the isolation driver enters the root: its own option, so it is in the config. */
  const ROOTS = ['pivot', 'chroot']
  const configure = async (text: string) => {
    for (const { host } of [rt(), other()]) await host.sh(`printf '%s' '${text}' >rt.yaml`)
  }
  afterEach(() => configure(''))

  const COMBINATIONS = NETWORKS.flatMap((network) =>
    STORAGES.flatMap((storage) => ROOTS.map((root) => [network, storage, root] as const)),
  ).filter(([network, storage, root]) => root === 'pivot' || (network === 'host') === (storage === 'overlay'))

  it.each(COMBINATIONS)('%s and %s by %s', async (network, storage, root) => {
    await configure(`isolation: {driver: namespaces, namespaces: {root: ${root}}}\n`)
    const args = [`--network=${network}`, `--storage=${storage}`]
    const { script, run } = await both(args, ['sh', '-c', `${LOOK}; exit 7`])
    const made = await runScript(script)
    expect(made.stderr).toBe('')
    expect(made.code).toBe(7)
    const ran = await run()
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 7, stderr: '' })
    const seen = (text: string) => withoutBridges(normalize(root === 'chroot' ? withoutChrootRight(text) : text))
    expect(seen(made.stdout)).toBe(seen(ran.stdout))
    if (network === 'bridge')
      expect(made.stdout).toMatch(/eth0 +inet 172\.16\.\d+\.\d+\/16[\s\S]*default via 172\.16\.0\.1/)
    if (root === 'chroot') return
    // It cleans up after itself as rt does, and works again.
    const before = await other().world.snapshot()
    const again = await runScript(script)
    expect({ code: again.code, stderr: again.stderr, stdout: normalize(again.stdout) }).toEqual({
      code: 7,
      stderr: '',
      stdout: normalize(made.stdout),
    })
    await other().world.expectNoLeaks(before)
  })

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
    [['-v', 'fresh:/etc', '-v', '/anon', '--mount=type=tmpfs,dst=/t,tmpfs-size=1m', '--network=none']],
    [['--add-host=db:10.1.2.3', '--dns=192.0.2.53', '--security-opt=no-new-privileges', '--network=bridge']],
    [['-m', '64m', '--pids-limit=40', '--cpus=0.5', '--oom-score-adj=500', '--ulimit=core=0:0', '--network=none']],
    [['--init', '--sysctl=net.ipv4.ip_unprivileged_port_start=80', '--device=/dev/null:/dev/mine', '--network=none']],
    [['--group-add=bin', '--group-add=4242', '-u', 'nobody', '--hostname=box', '--domainname=a.b', '--network=bridge']],
    [['--privileged', '--ipc=none', '--cgroupns=host', '--network=none']],
    [['--pid=host', '--network=none']],
    [['--uts=host', '--ipc=host', '--security-opt=systempaths=unconfined', '--network=none']],
    [['--own-hosts', '--shm-size=2m', '--cap-add=NET_ADMIN', '--network=bridge', '--storage=copy']],
  ])('with %j', async (args) => {
    const more = `${LOOK}; cat /data/file 2>/dev/null; ls /dev/mine 2>/dev/null; ulimit -c; cat /proc/self/oom_score_adj
      cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max 2>/dev/null
      cat /proc/sys/net/ipv4/ip_unprivileged_port_start; df /dev/shm | tail -1`
    const { script, run } = await both(args, ['sh', '-c', more])
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

  it('of a container that runs, has ended, or never began: what was done, or will be', async () => {
    const before = await rt().world.snapshot()
    const command = ['sh', '-c', 'ip -4 -o addr show eth0; cat /proc/1/comm; exit 5']
    await rt().out(['run', '-d', '--name=kept', '-m', '64m', '--storage=copy', 'busybox', 'sleep', '1000'])
    const { NetworkSettings } = JSON.parse(await rt().out(['inspect', 'kept']))[0]
    const [running, data] = [
      await rt().out(['explain', 'kept']),
      JSON.parse(await rt().out(['explain', '--format=json', 'kept'])),
    ]
    // The very address that it has, and the limit that it was given: they are read, not planned anew.
    expect(running).toContain(`ip addr replace ${NetworkSettings.IPAddress}/16`)
    expect(running).toContain('67108864')
    expect(running).toContain('# This was done to start the container kept.')
    expect(data.drivers).toEqual({ isolation: 'namespaces', storage: 'copy', network: 'bridge' })
    await rt().out(['rm', '-f', 'kept'])

    await rt().run(['run', '--name=ended', 'busybox', ...command])
    const made = await runScript(await rt().out(['explain', 'ended']))
    expect(made).toMatchObject({ code: 5, stderr: '' })
    expect(made.stdout).toMatch(/inet 172\.16\.\d+\.\d+\/16[\s\S]*\nsh\n$/)
    await rt().out(['rm', 'ended'])

    await rt().out(['create', '--name=new', '--network=none', 'busybox', ...command.slice(0, 2), 'exit 6'])
    const first = await rt().out(['explain', 'new'])
    expect(first).toContain('# This is what the first start of the container new will do.')
    expect(await runScript(first)).toMatchObject({ code: 6, stderr: '' })
    await rt().out(['rm', 'new'])
    await rt().world.expectNoLeaks(before)
  })

  it('one word is the container of that name; an image only where there is none, where it is more than a word, or by --type', async () => {
    await rt().out(['tag', 'busybox', 'both'])
    await rt().out(['create', '--name=both', '--network=none', 'busybox', 'true'])
    const about = async (...words: string[]) => {
      const { stdout, stderr, code } = await rt().run(['explain', '--format=json', ...words])
      expect(code).toBe(0)
      return { about: JSON.parse(stdout).about[0].slice(0, 30), told: stderr }
    }
    const [container, run] = ['This is what the first start o', 'This is what the command would']
    expect(await about('both')).toEqual({ about: container, told: expect.stringContaining('--type=image') })
    expect(await about('--type=image', 'both')).toEqual({ about: run, told: '' })
    expect(await about('both', 'true')).toEqual({ about: run, told: '' })
    expect(await about('--network=none', 'both')).toEqual({ about: run, told: '' })
    await rt().out(['rmi', 'both'])
    expect(await about('both')).toEqual({ about: container, told: '' })
    expect(await about('--type=container', 'both')).toEqual({ about: container, told: '' })
    const flagBehind = await rt().complaint(['explain', 'both', '--format=md'])
    expect(flagBehind).toMatchObject({ code: 'RT_USAGE', remedy: 'Use `rt explain --format=md both`.' })
    expect(await rt().complaint(['explain', '--type=container', 'both', 'true'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['explain', '--type=container', 'nobody'])).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
    })
    // As one is that was started before its steps were kept.
    const { Id } = JSON.parse(await rt().out(['inspect', 'both']))[0]
    await rt().host.sh(`echo '{"name":"both","sandbox":[]}' >/var/lib/rt/containers/${Id}/plan.json`)
    expect(await rt().complaint(['explain', 'both'])).toMatchObject({ code: 'RT_PLAN_UNKNOWN' })
    await rt().out(['rm', 'both'])
  })

  it('every step has a reason of its language and a place to read more, in every format', async () => {
    for (const network of NETWORKS)
      for (const lang of network === 'none' ? ['en', 'zh'] : ['zh']) {
        const explain = (format: string) =>
          rt().out([
            'explain',
            `--format=${format}`,
            `--lang=${lang}`,
            `--network=${network}`,
            '-m',
            '64m',
            'busybox',
            'a<b&c',
          ])
        const data = JSON.parse(await explain('json'))
        const steps = data.parts.flatMap(({ steps }: { steps: object[] }) => steps)
        expect(steps.length).toBeGreaterThan(60)
        for (const step of steps) {
          expect(step.why).toMatch(lang === 'zh' ? /\p{Script=Han}.*。$/u : /[.)]$/)
          expect(step.link ?? step.see).toMatch(/^https:\/\/(manpages\.debian\.org|docs\.kernel\.org)\/\S+$/)
        }
        if (network !== 'none') continue
        const [document, page] = [await explain('md'), await explain('html')]
        for (const { why, link } of steps) {
          expect(document).toContain(`](${link})`)
          expect(document.replaceAll('\\', '')).toContain(why)
          expect(page).toContain(`<a href="${link.replaceAll('&', '&#38;')}">`)
        }
        // Nothing is loaded from elsewhere, and what the user gave is text.
        expect(page).not.toMatch(/<(link|script|img|iframe)[^>]+(src|href)="(?!data:)/)
        expect(page).not.toMatch(/url\(|@import|a<b&c/)
        expect(page).toContain('a&#60;b&#38;c')
      }
  })

  it('--dry-run lists the steps and changes nothing, --explain lists them and runs', async () => {
    const before = await rt().world.snapshot()
    const dry = await rt().out(['run', '--dry-run', '--network=bridge', 'busybox', 'true'])
    expect(dry).toMatch(/\d+ steps, nothing was done/)
    // Its first line is the command, as a shell would take it once more.
    const flags = ['--network=none', '--storage=copy', '-e', 'A=b c', '--no-tty']
    const words = await rt().out(['explain', ...flags, 'busybox', 'sh', '-c', 'echo "$A"'])
    expect(words.split('\n')[1]).toBe(
      `# rt run --network=none --storage=copy --no-tty '--env=A=b c' busybox sh -c 'echo "$A"'`,
    )
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

  it('a published port on a network of one’s own: pasted, it answers from the internet, and takes itself away', async () => {
    for (const each of [rt(), other()]) await each.run(['run', '--rm', '--network=none', 'busybox', 'true'])
    await rt().out(['network', 'create', '--subnet=10.77.0.0/24', 'own'])
    const command = ['sh', '-c', 'ip -4 -o addr show eth0; nc -l -p 80 -e echo from inside']
    const script = await rt().out(['explain', '--network=own', '-p', '8080:80', 'busybox', ...command])
    const before = await other().host.sh('iptables-save | grep -c -e "-j DNAT" || :')
    const pasted = other().host.spawn(['bash', '-c', script])
    await pasted.waitFor(/inet 10\.77\.0\.2\/24/)
    const ask = () => other().world.internet.sh('busybox nc -w 5 198.51.100.2 8080 </dev/null || :')
    let answer = ''
    // It listens a moment after it has said its address.
    await until('an answer', async () => {
      answer = await ask()
      return answer !== ''
    })
    expect(answer).toBe('from inside\n')
    expect(await pasted.exit).toMatchObject({ code: 0 })
    expect(await other().host.sh('iptables-save | grep -c -e "-j DNAT" || :')).toBe(before)
    expect(pasted.stderr).toBe('')
  })
})
