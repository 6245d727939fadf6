import { describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

/** A checksum and a listing of everything that tar can tell of a tree. */
const LIST = (path: string) =>
  `cd ${path} && find . -printf '%P %y %m %U:%G %n %T@ %l\\n' | sort; find . -type f -exec md5sum {} + | sort; find . \\( -type c -o -type b \\) -exec stat -c '%n %t:%T' {} + | sort`

const CHANGES = `echo more >>/etc/passwd; rm /etc/group; rm -r /home; mkdir -m 711 /home; mkdir /opt; cd /opt; echo x >file; ln file hard; ln -s file link; ln -s /etc abs
  mkfifo -m 640 fifo; mknod null c 1 3; mknod disk b 7 200; chown 12:34 file; chmod 4751 file; truncate -s 1M sparse; printf y >>sparse; touch -d '2001-02-03 04:05:06' file link; mkdir -m 1777 sticky
  touch "$(printf 'odd\\377 name')"; mkdir -p $(printf 'n%.0s' $(seq 120))/$(printf 'm%.0s' $(seq 120)); : >$(printf 'n%.0s' $(seq 120))/leaf`

describe.skipIf(cannotRun)('rt export', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script)

  it.each(['overlay', 'copy'])(
    'gives the root as it is, running and stopped, and rt import the same tree: %s',
    async (storage) => {
      const before = await rt().world.snapshot()
      await rt().out([
        'run',
        '-d',
        '--name=box',
        `--storage=${storage}`,
        '--network=none',
        '-v',
        '/srv:/vol',
        '--tmpfs',
        '/t',
        'busybox',
        'sh',
        '-c',
        `${CHANGES}; : >/t/unseen; : >/ready; exec sleep 1000`,
      ])
      await until('it is ready', async () => (await rt().run(['cp', 'box:/ready', '-'])).code === 0)
      // A version 2 capability: its bytes are no UTF-8.
      const root = storage === 'copy' ? 'rootfs' : 'upper'
      await sh(`python3 -c 'import os,glob; p=glob.glob("/var/lib/rt/containers/*/${root}/opt/file")[0]
os.setxattr(p, "security.capability", bytes([1,0,0,2,0x80,0xff]+[0]*14)); os.setxattr(p, "user.note", b"a=b\\nc\\0d")'`)
      await sh(
        `rm -rf /root/e; mkdir /root/e; cd /root/e; ${RT} export box > running.tar; ${RT} export -o file.tar box; cmp running.tar file.tar; mkdir gnu; tar -C gnu --numeric-owner --xattrs --xattrs-include='*' -xpf running.tar`,
      )
      expect(await sh('cd /root/e/gnu; ls -A proc sys dev t vol; stat -c %a%u:%g opt/file')).toContain('475112:34')
      expect(await sh('cd /root/e/gnu; find proc sys dev t vol -mindepth 1 ! -type d')).toBe('')
      expect(
        await sh(
          'cd /root/e/gnu; cat opt/hard; ls -d home etc/group 2>/dev/null || true; [ opt/hard -ef opt/file ] && echo linked',
        ),
      ).toMatch(/^x\n(.*\n)*home\nlinked\n$/)
      const layer = (id: string) =>
        `/var/lib/rt/images/layers/$(sed 's/.*"diff_ids":\\["sha256:\\([0-9a-f]*\\)".*/\\1/' /var/lib/rt/images/configs/${id.trim().slice(7)}.json)`
      const id = await sh(`${RT} import again:${storage} /root/e/running.tar`)
      expect(await sh(LIST(layer(id)))).toBe(await sh(LIST('/root/e/gnu')))
      expect(
        await sh(
          `python3 -c 'import os,sys; p=sys.argv[1]+"/opt/file"; print(os.getxattr(p, "security.capability").hex(), os.getxattr(p, "user.note"))' ${layer(id)}`,
        ),
      ).toBe(`0100000280ff${'00'.repeat(14)} b'a=b\\nc\\x00d'\n`)
      await rt().out(['rm', '-f', 'box'])
      await rt().out(['rmi', `again:${storage}`])
      // One that has ended, as it was left.
      const done = await rt().run([
        'run',
        '--name=ended',
        `--storage=${storage}`,
        '--network=none',
        'busybox',
        'sh',
        '-c',
        'echo left >/left; rm /etc/group',
      ])
      expect(done.code).toBe(0)
      expect(
        await sh(
          `${RT} export ended | tar -xO ./left 2>/dev/null || ${RT} export ended | tar -xO left; ${RT} export ended | tar -t | grep -c etc/group || true`,
        ),
      ).toBe('left\n0\n')
      await rt().out(['rm', 'ended'])
      await rt().world.expectNoLeaks(before)
    },
  )

  it('does not write to a terminal, nor over a directory, nor half a file', async () => {
    await rt().out(['run', '--name=box', '--network=none', 'busybox', 'true'])
    const terminal = rt().pty(['export', 'box'])
    await terminal.exit
    expect(terminal.stdout).toContain('RT_USAGE')
    expect(terminal.stdout).not.toContain('ustar')
    expect(readComplaint(await rt().run(['export', 'nobody']))).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
      exitCode: 1,
    })
    expect(readComplaint(await rt().run(['export', '-o', '/root', 'box']))).toMatchObject({
      code: 'RT_PATH_UNFIT',
      exitCode: 1,
    })
    expect(readComplaint(await rt().run(['export', '-o', '/none/x', 'box']))).toMatchObject({
      code: 'RT_PATH_UNKNOWN',
      exitCode: 1,
    })
    expect(
      await sh(`${RT} export box 2>&1 >/dev/full | grep -c RT_; ${RT} export box 2>/dev/null | head -c 10 | wc -c`),
    ).toBe('1\n10\n')
    expect(
      await sh(
        `cd /root; mount -t tmpfs -o size=1m none /mnt; ${RT} export -o /mnt/x.tar box 2>&1 | grep -c RT_; ls -A /mnt; umount /mnt`,
      ),
    ).toBe('1\n')
    await rt().out(['rm', 'box'])
  })
})
