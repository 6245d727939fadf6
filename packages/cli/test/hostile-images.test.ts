import { describe, expect, it } from 'vitest'
import { archive, member } from '../../images/test/archive.ts'
import { cannotRun, useRt } from './rt.ts'

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
