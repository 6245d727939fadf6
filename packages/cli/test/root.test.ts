import { describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

const DEFAULT_CAPS = '00000000a80425fb'

describe.skipIf(cannotRun)('how the root becomes /', () => {
  const rt = useRt({ internet: false })
  const look =
    'ls / | tr "\\n" " "; ls /proc/1/root/etc/passwd; mount | grep -c " / "; cd /; cd ..; cd ../..; pwd; ls -d /var/lib/rt 2>&1; grep CapEff /proc/self/status'
  const closedIn = (caps: string) =>
    new RegExp(
      '^bin dev etc home proc root (\\S+ )*sys tmp (\\S+ )*/proc/1/root/etc/passwd\n1\n/\n' +
        `ls: /var/lib/rt: No such file or directory\nCapEff:\\s+${caps}\n$`,
    )
  /** Less CAP_SYS_CHROOT: the host's root is still there beneath, and chroot(2) is the way to it. */
  const CHROOT_CAPS = '00000000a80025fb'

  it('by pivot_root', async () => {
    const out = await rt().out(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', look])
    expect(out).toMatch(closedIn(DEFAULT_CAPS))
  })

  it('by chroot, where the config says so', async () => {
    const before = await rt().world.snapshot()
    const env = { RT_ISOLATION_NAMESPACES_ROOT: 'chroot' }
    const out = await rt().out(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', look], { env })
    expect(out).toMatch(closedIn(CHROOT_CAPS))
    await rt().world.expectNoLeaks(before)
  })

  /** A root of the host's own directories, and rt in it. */
  const inChroot = (prepare: string) => `
    mkdir -p plain/root; ${prepare}
    for name in /*; do
      if [ -L $name ]; then cp -P $name plain
      elif [ -d $name ] && [ $name != /root ]; then mkdir -p plain$name; mount --rbind $name plain$name; fi
    done
    exec chroot plain ${RT} run --rm --network=none busybox sh -c '${look.replaceAll("'", `'\\''`)}'`

  it('where rt itself runs in a chroot that is a mount point', async () => {
    const out = await rt().host.sh(`unshare -m sh -euc "$SCRIPT"`, {
      env: { SCRIPT: inChroot('mount --bind plain plain') },
    })
    expect(out).toMatch(closedIn(DEFAULT_CAPS))
  })

  it('in a chroot that is none it is refused, because its mounts could not be kept from the host', async () => {
    const complaint = readComplaint(await rt().host.run(['unshare', '-m', 'sh', '-euc', inChroot('')]))
    expect(complaint).toMatchObject({ code: 'RT_STEP_FAILED', exitCode: 125 })
    expect(await rt().out(['ps', '-aq'])).toBe('')
  })
})
