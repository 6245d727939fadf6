import { describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

/** Files of the host that a container must never reach through rt. */
const SECRET = 'only the host knows'

describe.skipIf(cannotRun)('a container that wants rt cp to leave it', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script, { timeout: 100_000 })
  const start = async (name: string, script: string) => {
    const run = ['run', '-d', `--name=${name}`, '--network=none', 'busybox', 'sh', '-c']
    await rt().out([...run, `${script}; : >/ready; while :; do sleep 100; done`])
    await until('it is ready', async () => (await rt().run(['cp', `${name}:/ready`, '-'])).code === 0)
  }
  const victims = () => sh('cat /root/victim; ls -A /root/dir; stat -c "%a %u" /root/victim /root/dir')
  const lay = () =>
    sh(
      `rm -rf /root/victim /root/dir; echo '${SECRET}' > /root/victim; mkdir /root/dir; : > /root/dir/kept; echo in > /root/in`,
    )

  it.each([true, false])('by links, absolute and upwards, finds itself again (running: %s)', async (runs) => {
    await lay()
    await start(
      'links',
      `mkdir /root/dir; echo own >/root/victim
      ln -s /root /abs; ln -s ../../../../../../root /up; ln -s /root/victim /file; ln -s /proc/1/root/root /magic; ln -s /root/new /dangling`,
    )
    // busybox ends at once: its files stay.
    if (!runs) {
      await rt().out(['rm', '-f', 'links'])
      await rt().out([
        'run',
        '--name=links',
        '--network=none',
        'busybox',
        'sh',
        '-c',
        `mkdir /root/dir; echo own >/root/victim
        ln -s /root /abs; ln -s ../../../../../../root /up; ln -s /root/victim /file; ln -s /proc/1/root/root /magic; ln -s /root/new /dangling`,
      ])
    }
    const before = await victims()
    for (const path of ['abs/victim', 'up/victim', 'abs/../root/victim', '../../root/victim'])
      expect(await sh(`${RT} cp links:/${path} - | tar -xO`), path).toBe('own\n')
    expect(await sh(`${RT} cp -L links:/file - | tar -xO`)).toBe('own\n')
    expect((await rt().run(['cp', 'links:/magic/victim', '-'])).code).toBe(1)
    expect((await rt().run(['cp', 'links:/proc/self/root/root/victim', '-'])).code).toBe(1)
    for (const path of ['abs/dir/x', 'up/dir/x', 'file', 'dangling', 'abs/new2'])
      await rt().out(['cp', '/root/in', `links:/${path}`])
    expect((await rt().run(['cp', '/root/in', 'links:/magic/x'])).code).toBe(1)
    // Members of an archive that go through a link are refused.
    const tar = `cd /root; rm -rf t; mkdir -p t/abs; echo evil > t/abs/victim; tar -C t -cf t.tar abs/victim`
    await sh(tar)
    expect(
      readComplaint(
        await rt().run(['cp', '-', 'links:/'], {
          input: await rt().host.read('/root/t.tar'),
        }),
      ),
    ).toMatchObject({
      code: 'RT_ARCHIVE_HOSTILE',
      exitCode: 1,
    })
    expect(await victims()).toBe(before)
    expect(await sh('ls /root/new /root/new2 2>&1 | grep -c "No such file"')).toBe('2\n')
    await rt().out(['rm', '-f', 'links'])
  })

  it('by swapping a directory for a link while rt copies, in and out, gets nowhere', async () => {
    await lay()
    // busybox mv renames: the name is at every moment the directory or the link.
    const swap = 'while :; do mv -T /a/d /a/real 2>/dev/null; ln -s /root /a/d; rm /a/d; mv -T /a/real /a/d; done'
    await rt().out([
      'run',
      '-d',
      '--name=swap',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      `mkdir -p /a/d/dir /root/dir; for i in $(seq 300); do echo own >/a/d/f$i; done; echo own >/a/d/victim; echo own >/root/victim; : >/ready; ${swap}`,
    ])
    await until('it is ready', async () => (await rt().run(['cp', 'swap:/ready', '-'])).code === 0)
    const before = await victims()
    const out = await sh(`set +e; cd /root; for i in $(seq 6); do rm -rf o; mkdir o
        ${RT} cp swap:/a/d/victim o/v 2>/dev/null; ${RT} cp swap:/a o/ 2>/dev/null; ${RT} cp swap:/a/d/. o/ 2>/dev/null
        ${RT} cp in swap:/a/d/victim 2>/dev/null; ${RT} cp in swap:/a/d/dir/ 2>/dev/null; tar -c dir | ${RT} cp - swap:/a/d 2>/dev/null
        grep -rl '${SECRET}' o; done; echo done`)
    expect(out).toBe('done\n')
    expect(await victims()).toBe(before)
    await rt().out(['rm', '-f', 'swap'])
  }, 120_000)

  it('by putting devices and FIFOs in the place of files, blocks nobody and has nothing opened', async () => {
    await start(
      'kinds',
      'mkfifo /fifo; mknod /disk b 7 200 2>/dev/null; mkdir /d; mknod /d/tty c 5 0; mkfifo /d/fifo; ln -s /fifo /tofifo',
    )
    const list = await sh(`timeout 20 ${RT} cp -L kinds:/tofifo - | tar -tv; timeout 20 ${RT} cp kinds:/d - | tar -tv`)
    expect(list).toMatch(/^p.* tofifo\n/)
    expect(list).toMatch(/^c.* 5,0 .* d\/tty$/m)
    expect(list).toMatch(/^p.* d\/fifo$/m)
    await rt().out(['rm', '-f', 'kinds'])
  })
})
