import { describe, expect, it } from 'vitest'
import { cannotRun, RT, useRt } from './rt.ts'

describe.skipIf(cannotRun)('flags of the container\u2019s processes', () => {
  const rt = useRt({ internet: false })
  const run = ['run', '--rm', '--network=none']
  const inside = (script: string, ...flags: string[]) => rt().out([...run, ...flags, 'busybox', 'sh', '-c', script])
  const record = async (...flags: string[]) => {
    await rt().out(['run', '-d', '--name=box', '--network=none', ...flags, 'busybox', 'true'])
    const [{ Id }] = JSON.parse(await rt().out(['inspect', 'box']))
    const { request } = JSON.parse(await rt().host.read(`/var/lib/rt/containers/${Id}/record.json`))
    await rt().out(['rm', '-f', 'box'])
    return request
  }

  it('--ulimit, soft and hard, and the last of one kind', async () => {
    const script = 'grep -E "core|open|processes|locked" /proc/self/limits | sed -E "s/ {2,}/ /g"'
    const flags = ['core=0', 'nofile=512:600', 'nproc=5', 'nproc=100:200', 'memlock=65536'].map((l) => `--ulimit=${l}`)
    expect(await inside(script, ...flags)).toBe(
      'Max core file size 0 0 bytes \nMax processes 100 200 processes \nMax open files 512 600 files \nMax locked memory 65536 65536 bytes \n',
    )
    // Where it is set for a user it holds, and cannot be raised again.
    expect(await inside('ulimit -n 700 2>/dev/null || echo refused', '--ulimit=nofile=512:600', '-u', '1000')).toBe(
      'refused\n',
    )
  })

  it('--oom-score-adj', async () => {
    expect(await inside('cat /proc/self/oom_score_adj', '--oom-score-adj=500')).toBe('500\n')
    expect(await inside('cat /proc/self/oom_score_adj', '--oom-score-adj', '300')).toBe('300\n')
  })

  it('--sysctl sets what the namespaces have, and nothing of the host\u2019s', async () => {
    const files = 'kernel/msgmax net/ipv4/ip_forward net/ipv4/conf/lo/log_martians fs/mqueue/msg_max kernel/sem'
    const look = `cd /proc/sys; cat ${files}`
    const before = await rt().host.sh(look)
    const flags = [
      'kernel.msgmax=9000',
      'net.ipv4.ip_forward=1',
      'net.ipv4.conf.lo.log_martians=1',
      'fs.mqueue.msg_max=20',
      'kernel.sem=1 2 3 4',
    ].flatMap((setting) => ['--sysctl', setting])
    expect(await inside(`${look}; { echo 1 >kernel/msgmax; } 2>/dev/null || echo read-only`, ...flags)).toBe(
      '9000\n1\n1\n20\n1\t2\t3\t4\nread-only\n',
    )
    expect(await rt().host.sh(look)).toBe(before)
  })

  it('--shm-size', async () => {
    const size = 'df -P -k /dev/shm | tail -1 | awk "{print \\$2}"'
    expect(await inside(size)).toBe('65536\n')
    expect(await inside(size, '--shm-size=1m')).toBe('1024\n')
    expect(await inside(size, '--shm-size', '1.5G')).toBe('1572864\n')
    expect(await inside(size, '--shm-size=8192')).toBe('8\n')
    expect(await inside('head -c 2000000 /dev/zero >/dev/shm/x 2>/dev/null || echo full', '--shm-size=1m')).toBe(
      'full\n',
    )
  })

  it('holds for what is executed later, too', async () => {
    const flags = ['--ulimit=nofile=512:600', '--ulimit=core=0', '--oom-score-adj=100']
    await rt().out(['run', '-d', '--name=box', '--network=none', ...flags, 'busybox', 'sleep', '100000'])
    const script = 'ulimit -n; ulimit -c; cat /proc/self/oom_score_adj'
    expect(await rt().out(['exec', 'box', 'sh', '-c', script])).toBe('512\n0\n100\n')
    await rt().out(['rm', '-f', 'box'])
  })

  it('--stop-signal, --stop-timeout and labels are kept with the container', async () => {
    await rt().host.write('/root/labels', '# ours\nfrom=file\nboth=file\n\n')
    const labels = ['-l', 'a=b=c', '--label', 'empty', '--label', 'both=flag', '--label-file=/root/labels']
    expect(await record('--stop-signal=SIGRTMIN+3', '--stop-timeout=5', ...labels)).toMatchObject({
      stopSignal: 'SIGRTMIN+3',
      stopTimeout: 5,
      labels: { a: 'b=c', empty: '', both: 'flag', from: 'file' },
    })
    const plain = await record()
    for (const key of ['stopSignal', 'stopTimeout', 'labels', 'init']) expect(plain).not.toHaveProperty(key)
  })

  it.each<[flags: string[], sentence: RegExp, code?: string]>([
    [['--ulimit=foo=1'], /no limit "foo"/],
    [['--ulimit=nofil=1'], /Did you mean "?nofile/],
    [['--ulimit=nproc'], /not TYPE=SOFT/],
    [['--ulimit=nproc=x'], /"x" is not a whole number/],
    [['--ulimit=nproc=1e3'], /"1e3" is not a whole number/],
    [['--ulimit=nproc=99999999999999999999'], /not a whole number/],
    [['--ulimit=nproc=5:1'], /soft limit is above the hard/],
    [['--ulimit=nproc=-1:1'], /soft limit is above the hard/],
    [['--oom-score-adj=1001'], /-1000 to 1000/],
    [['--oom-score-adj=low'], /-1000 to 1000/],
    [['--sysctl=kernel.panic=1'], /belongs to no namespace/],
    [['--sysctl=kernel.hostname=x'], /belongs to no namespace/],
    [['--sysctl=net.//.kernel.panic=1'], /not KEY=VALUE/],
    [['--sysctl=net.ipv4.ip_forward'], /not KEY=VALUE/],
    [['--sysctl=net.nope=1'], /no such setting/],
    [['--sysctl=net.ipv4.ip_forward=abc'], /does not accept the value/],
    [['--shm-size=0'], /not a size above 0/],
    [['--shm-size=1x'], /not a size above 0/],
    [['--stop-signal=SIGFOO'], /"SIGFOO" is not a signal/, 'RT_SIGNAL_INVALID'],
    [['--stop-signal=65'], /"65" is not a signal/, 'RT_SIGNAL_INVALID'],
    [['--stop-timeout=soon'], /not a whole number of seconds/],
    [['--stop-timeout=-2'], /not a whole number of seconds/],
    [['--label==x'], /has no key/],
    [['--label-file=/nowhere'], /cannot be read/],
  ])('refuses %j in one sentence', async (flags, sentence, code = 'RT_USAGE') => {
    const complaint = await rt().complaint([...run, ...flags, 'busybox', 'true'])
    expect(complaint).toMatchObject({ code, exitCode: 125 })
    expect(complaint.sentence).toMatch(sentence)
  })

  it('refuses a sysctl of the host\u2019s network', async () => {
    const flags = ['--network=host', '--sysctl=net.ipv4.ip_forward=1']
    const complaint = await rt().complaint(['run', '--rm', ...flags, 'busybox', 'true'])
    expect(complaint.sentence).toMatch(/would change the host/)
  })

  it('says so where the kernel does not let rt raise a limit', async () => {
    // What is true of many a virtual machine\u2019s root, and here of every one.
    const without = ['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource']
    const refused = async (flag: string) => {
      const command = `ulimit -n 4000; exec "$@"`
      const words = ['run', '--rm', '--network=none', flag, 'busybox', 'true']
      return await rt().host.run(['sh', '-c', command, 'sh', ...without, ...RT.split(' '), ...words])
    }
    const nofile = await refused('--ulimit=nofile=5000')
    expect(nofile).toMatchObject({ code: 125, stdout: '' })
    expect(nofile.stderr).toMatch(/hard limit nofile=5000 is above this process's own, and it has no CAP_SYS_RESOURCE/)
    const unlimited = await refused('--ulimit=nofile=-1')
    expect(unlimited.stderr).toMatch(/hard limit nofile=unlimited is above/)
    const score = await refused('--oom-score-adj=-1')
    expect(score.stderr).toMatch(/OOM score -1 is below this process's own, and it has no CAP_SYS_RESOURCE/)
  })

  it('explains them with a script that works', async () => {
    const flags = ['--ulimit=core=0', '--ulimit=nproc=100:200', '--oom-score-adj=400', '--sysctl=kernel.msgmax=9000']
    const look =
      'ulimit -c; ulimit -Hp 2>/dev/null; cat /proc/self/oom_score_adj /proc/sys/kernel/msgmax; df -P -k /dev/shm | tail -1'
    const words = [...flags, '--shm-size=2m', '--network=none', 'busybox', 'sh', '-c', look]
    const script = await rt().out(['explain', ...words])
    const made = await rt().host.run(['bash', '-c', script])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toBe(await rt().out(['run', '--rm', ...words]))
    expect(made.stdout).toMatch(/^0\n(200\n)?400\n9000\nshm +2048 /)
  })
})
