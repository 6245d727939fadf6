import { createWorld } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { CASES, run } from './bad-input.cases.ts'
import { cannotRun, RT, Rt, readComplaint, useRt, warmUp } from './rt.ts'

describe.skipIf(cannotRun)('what rt says when it cannot, and what it leaves: nothing', () => {
  const rt = useRt()

  it.each(CASES)('$what', async ({ args, code, sentence, remedy, exitCode }) => {
    await rt().host.write('/root/bad.env', 'GOOD=1\nexport BAD=2\n')
    const complaint = await rt().complaint(args)
    expect(complaint).toEqual({
      code,
      sentence: expect.stringMatching(sentence),
      remedy: expect.stringMatching(remedy),
      exitCode: exitCode ?? 125,
    })
  })

  it('a name that is taken', async () => {
    await rt().out(['run', '-d', '--name=mine', '--network=none', 'busybox', 'sleep', '100'])
    const complaint = await rt().complaint([...run, '--name=mine', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_NAME_TAKEN', exitCode: 125 })
    expect(complaint.sentence).toContain('"mine" is taken')
    expect(complaint.remedy).toContain('rt rm mine')
    // Nor does one that runs go without -f, nor the image under it.
    expect(await rt().complaint(['rm', 'mine'])).toMatchObject({ code: 'RT_CONTAINER_RUNNING', exitCode: 1 })
    expect(await rt().complaint(['rmi', 'busybox'])).toMatchObject({ code: 'RT_IMAGE_IN_USE', exitCode: 1 })
    expect(await rt().out(['rm', '-f', 'mine'])).toBe('mine\n')
  })

  it.each([['run', '--rm', 'busybox', 'true'], ['ps'], ['import', 'name', '/etc/hostname'], ['rmi', 'busybox']])(
    'somebody who is not root (%s)',
    async (...args) => {
      const result = await rt().host.sh(
        `out=$(setpriv --reuid 65534 --regid 65534 --clear-groups ${RT} ${args.join(' ')} 2>&1) && exit 9; echo "$? $out"`,
      )
      expect(result).toMatch(args[0] === 'run' ? /^125 / : /^1 /)
      expect(result).toMatch(/^\d+ rt: [^\n]+ \[RT_NOT_ROOT\]\n {2}Run it again with sudo\.\n$/)
    },
  )

  it('somebody who is not root gets help, the version and the config', async () => {
    const asNobody = `setpriv --reuid 65534 --regid 65534 --clear-groups ${RT}`
    const out = await rt().host.sh(`${asNobody} --version; ${asNobody} help run; ${asNobody} config`)
    expect(out).toMatch(/^rt \d/)
    expect(out).toContain('--network')
    expect(out).toMatch(/^network +bridge +default$/m)
  })
})

describe.skipIf(cannotRun)('a network that is somebody else\u2019s', () => {
  const rt = useRt({ warm: false })
  const bridge = ['run', '--rm', '--network=bridge', 'busybox', 'true']

  it('br0 that is not ours is left alone, and the error names the option to set', async () => {
    const { host } = rt()
    await rt().run(['run', '--rm', '--network=none', 'busybox', 'true'])
    await host.sh('ip link add br0 type bridge; ip addr add 10.7.0.1/24 dev br0; ip link set br0 up')
    const complaint = await rt().complaint(bridge)
    expect(complaint).toMatchObject({ code: 'RT_NET_BRIDGE_FOREIGN', exitCode: 125 })
    expect(complaint.sentence).toContain('br0')
    expect(complaint.remedy).toMatch(/network\.bridge\.name/)
    // Its advice works.
    const { code } = await rt().run(bridge, { env: { RT_NETWORK_BRIDGE_NAME: 'rt1' } })
    expect(code).toBe(0)
    await host.sh('ip link del br0; ip link del rt1')
  })

  it('an interface named br0 that is no bridge', async () => {
    const { host } = rt()
    await host.sh('ip link add br0 type veth peer name other0')
    expect(await rt().complaint(bridge)).toMatchObject({ code: 'RT_NET_BRIDGE_FOREIGN', exitCode: 125 })
    await host.sh('ip link del br0')
  })

  it('a configured subnet that the host already routes', async () => {
    const { host } = rt()
    await host.sh('ip route add 10.55.0.0/16 via 198.51.100.1')
    await host.write('/root/rt.yaml', 'network:\n  driver: bridge\n  bridge:\n    subnet: 10.55.8.0/24\n')
    const complaint = await rt().complaint(bridge)
    expect(complaint).toMatchObject({ code: 'RT_NET_SUBNET_OVERLAP', exitCode: 125 })
    expect(complaint.sentence).toMatch(/already routes 10\.55\.0\.0\/16 by eth0.*10\.55\.8\.0\/24/)
    expect(complaint.remedy).toMatch(/network\.bridge\.subnet/)
    await host.sh('rm /root/rt.yaml; ip route del 10.55.0.0/16')
  })

  it('a default subnet that the host already routes is no error: the next pool is taken', async () => {
    const { host } = rt()
    await host.sh('ip route add 172.16.0.0/16 via 198.51.100.1')
    const out = await rt().out(['run', '--rm', 'busybox', 'ip', 'route'])
    expect(out).toMatch(/^default via (?!172\.16\.)\S+ dev eth0/m)
  })
})

describe.skipIf(cannotRun)('a disk that is full', () => {
  it.each(['overlay', 'copy'])('%s: says so, and leaves nothing', async (storage) => {
    await using world = await createWorld({ dataSize: '12m', internet: false })
    const rt = new Rt(world)
    await warmUp(rt)
    await world.host.sh(`${world.guard} && dd if=/dev/zero of=/var/lib/rt/images/ballast bs=4k 2>/dev/null || :`)
    const before = await world.snapshot()
    const complaint = readComplaint(
      await rt.run(['run', '--rm', '--network=none', `--storage=${storage}`, 'busybox', 'true']),
    )
    expect(complaint).toMatchObject({ code: 'RT_DISK_FULL', exitCode: 125 })
    await world.expectNoLeaks(before)
    // With space again everything works again.
    await world.host.sh('rm /var/lib/rt/images/ballast')
    expect((await rt.run(['run', '--rm', '--network=none', 'busybox', 'true'])).code).toBe(0)
  })
})
