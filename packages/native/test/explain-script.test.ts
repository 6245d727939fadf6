import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostStep, SandboxStep } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { toScript } from '../src/explain/index.ts'
import { isRoot } from './world/in-netns.ts'

const why = 'test'
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))

describe.skipIf(!isRoot || busybox === undefined)(
  'a whole script in a throwaway host (needs root and a static busybox)',
  () => {
    const run = (
      mode: 'pivot' | 'chroot',
      user: string,
      command: string,
      keep: string[] = ['CAP_CHOWN', 'CAP_SYS_CHROOT', 'CAP_SETUID', 'CAP_SETGID'],
    ) => {
      const directory = mkdtempSync(join(tmpdir(), 'rt-test-'))
      try {
        const script = join(directory, 'script.sh')
        writeFileSync(script, toScript(plan(directory, mode, user, command, keep)))
        const host = `mount --make-rprivate / && bash ${script}; status=$?; ip -o link show br0 && echo LEFT; exit $status`
        const { status, stdout, stderr } = spawnSync('unshare', ['-n', '-m', 'bash', '-c', host], { encoding: 'utf8' })
        return { status, stdout, stderr, upper: existsSync(join(directory, 'upper/made')) }
      } finally {
        rmSync(directory, { recursive: true })
      }
    }

    it('makes the container: its root, addresses, routes, processes, capabilities, and its exit status', () => {
      const command =
        'ip -o addr; ip route; ps; hostname; pwd; echo "$A"; grep CapBnd /proc/self/status; touch /made; mount; exit 7'
      const { status, stdout, stderr, upper } = run('pivot', '', command)
      expect({ status, upper, stderr }).toMatchObject({
        status: 7,
        upper: true,
        stderr: expect.not.stringContaining('error'),
      })
      expect(stdout).toMatch(/eth0 +inet 172\.16\.0\.2\/16/)
      expect(stdout).toContain('default via 172.16.0.1 dev eth0')
      expect(stdout).toMatch(/^ +1 0 +sh -c|^ +1 root +sh -c/m)
      expect(stdout).toContain('my\'box\n/work dir\nit\'s "quoted" $HOME\n')
      expect(stdout).toContain(`CapBnd:\t${(2 ** 0 + 2 ** 18 + 2 ** 7 + 2 ** 6).toString(16).padStart(16, '0')}`)
      // The old root is gone, and so are the tools that were taken along.
      expect(
        stdout
          .split('\n')
          .filter((line) => / on \S+ type /.test(line))
          .map((line) => line.split(' ')[2]),
      ).toEqual(['/', '/proc', '/dev'])
      expect(stdout).not.toContain('LEFT')
    })

    it.each(['pivot', 'chroot'] as const)('becomes the user by name with all groups (%s)', (mode) => {
      const { status, stdout } = run(mode, 'bob', 'id; echo $HOME; grep CapEff /proc/self/status')
      expect(status).toBe(0)
      expect(stdout).toContain('uid=1000(bob) gid=1001(bob) groups=10(wheel),77')
      expect(stdout).toContain('/home/bob\nCapEff:\t0000000000000000')
    })

    it('works with no capability at all', () => {
      expect(run('pivot', '', 'grep CapEff /proc/self/status', []).stdout).toContain('0000000000000000')
    })

    it('names a user that the container does not know', () => {
      expect(run('pivot', 'nobodyhere', 'true')).toMatchObject({
        status: 125,
        stderr: expect.stringContaining('no user nobodyhere in the container\n'),
      })
    })
  },
)

const plan = (directory: string, mode: 'pivot' | 'chroot', user: string, command: string, keep: string[]) => {
  const lower = join(directory, 'lower')
  for (const name of ['bin', 'etc']) mkdirSync(join(lower, name), { recursive: true })
  copyFileSync(busybox ?? '', join(lower, 'bin/busybox'))
  const applets = ['sh', 'id', 'grep', 'ip', 'ps', 'mount', 'hostname', 'touch']
  for (const name of applets) symlinkSync('busybox', join(lower, 'bin', name))
  writeFileSync(join(lower, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nbob:x:1000:1001::/home/bob:/bin/sh\n')
  writeFileSync(join(lower, 'etc/group'), 'root:x:0:\nbob:x:1001:\nwheel:x:10:bob\n')
  const at = (name: string) => join(directory, name)
  const data = `lowerdir=${lower},upperdir=${at('upper')},workdir=${at('work')}`
  const mount = (type: string, target: string, more = ''): SandboxStep => ({
    ...{
      op: 'mount',
      where: 'sandbox',
      source: type,
      target,
      inside: true,
      type,
      flags: ['nosuid'],
      create: 'dir',
      why,
    },
    ...(more === '' ? {} : { data: more }),
  })
  const sandbox: SandboxStep[] = [
    { op: 'mount', where: 'sandbox', source: 'none', target: '/', inside: false, flags: ['rec', 'private'], why },
    {
      op: 'mount',
      where: 'sandbox',
      source: 'overlay',
      target: at('root'),
      inside: false,
      type: 'overlay',
      flags: [],
      data,
      why,
    },
    { op: 'root.set', where: 'sandbox', path: at('root'), why },
    mount('proc', '/proc'),
    mount('tmpfs', '/dev', 'mode=755,size=64k'),
    { op: 'inside.mknod', where: 'sandbox', path: '/dev/null', type: 'c', major: 1, minor: 3, mode: 0o666, why },
    { op: 'root.enter', where: 'sandbox', mode, why },
    { op: 'hostname', where: 'sandbox', name: "my'box", why },
    { op: 'process.reset', where: 'sandbox', nofile: [1024, 4096], why },
    { op: 'process.chdir', where: 'sandbox', path: '/work dir', why },
    { op: 'process.capabilities', where: 'sandbox', keep, why },
    { op: 'process.user', where: 'sandbox', user, additionalGids: [77], why },
    {
      op: 'process.exec',
      where: 'sandbox',
      argv: ['sh', '-c', command],
      env: ['PATH=/bin', 'A=it\'s "quoted" $HOME'],
      why,
    },
  ]
  return {
    title: 'a test',
    namespace: 'new' as const,
    newNamespaces: ['pid', 'mount', 'uts', 'ipc', 'cgroup'],
    cgroups: [],
    sandbox,
    host: [
      ...['upper', 'work', 'root'].map(
        (name): HostStep => ({ op: 'dir.make', where: 'host', path: at(name), mode: 0o755, why }),
      ),
      { op: 'link.add', where: 'host', kind: 'bridge', name: 'br0', why },
      { op: 'addr.add', where: 'host', link: 'br0', address: '172.16.0.1/16', why },
      { op: 'link.set', where: 'host', name: 'br0', up: true, why },
      { op: 'link.add', where: 'host', kind: 'veth', name: 'vethx', peer: { name: 'eth0' }, why },
      { op: 'link.set', where: 'host', name: 'vethx', master: 'br0', up: true, why },
      { op: 'addr.add', where: 'netns', link: 'eth0', address: '172.16.0.2/16', why },
      { op: 'link.set', where: 'netns', name: 'eth0', up: true, why },
      { op: 'route.add', where: 'netns', to: 'default', via: '172.16.0.1', link: 'eth0', why },
    ] satisfies Parameters<typeof toScript>[0]['host'],
    leave: [
      { op: 'link.del', where: 'host', name: 'br0', why: 'No container is left.\nSo nobody needs it.' },
    ] satisfies HostStep[],
  }
}
