import { describe, expect, it } from 'vitest'
import { REFUSED_ELSEWHERE, REFUSED_FLAGS } from '../src/flags/refused.ts'
import { containerFlags, makingFlags } from '../src/flags/run.ts'
import { attachFlags, clientFlags } from '../src/flags/stream.ts'
import { cannotRun, readComplaint, useRt } from './rt.ts'

/** All flags of `docker run --help`, Docker 28.5. */
const DOCKER_RUN = `
  add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile cpu-count cpu-percent
  cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach detach-keys device device-cgroup-rule
  device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust dns dns-option dns-search domainname entrypoint
  env env-file expose gpus group-add health-cmd health-interval health-retries health-start-interval health-start-period health-timeout
  hostname init interactive io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory label label-file link link-local-ip log-driver
  log-opt mac-address memory memory-reservation memory-swap memory-swappiness mount name network network-alias no-healthcheck
  oom-kill-disable oom-score-adj pid pids-limit platform privileged publish publish-all pull quiet read-only restart rm runtime security-opt
  shm-size sig-proxy stop-signal stop-timeout storage-opt sysctl tmpfs tty ulimit use-api-socket user userns uts volume volume-driver
  volumes-from workdir`
  .trim()
  .split(/\s+/)

describe('the flags of docker run', () => {
  const present = new Set(Object.keys({ ...containerFlags, ...makingFlags, ...clientFlags, ...attachFlags }))

  it.each(DOCKER_RUN)('--%s is there, or is refused with the reason', (name) => {
    expect(present.has(name) !== Object.hasOwn(REFUSED_FLAGS, name), name).toBe(true)
  })

  it('nothing is refused that Docker does not have', () => {
    expect(Object.keys(REFUSED_FLAGS).filter((name) => !DOCKER_RUN.includes(name))).toEqual([])
  })
})

describe.skipIf(cannotRun)('flags of docker run that are about the caller', () => {
  const rt = useRt({ internet: false })
  const run = ['run', '--network=none']

  it('a flag that rt does not have: its name, the reason, what instead', async () => {
    for (const [name, { remedy }] of Object.entries(REFUSED_FLAGS)) {
      const found = await rt().complaint([...run, `--${name}=x`, 'busybox', 'true'])
      expect(found).toMatchObject({ code: 'RT_USAGE', exitCode: 125, remedy })
      expect(found.sentence).toMatch(new RegExp(`^--${name} is not possible: `))
    }
    const apart = await rt().complaint([...run, '--health-cmd', 'curl -f http://localhost', 'busybox', 'true'])
    expect(apart.sentence).toMatch(/--health-cmd.*no health checks/)
    expect((await rt().complaint(['create', '--runtime=runc', 'busybox'])).remedy).toMatch(/--isolation/)
  })

  it.each(Object.entries(REFUSED_ELSEWHERE))('%s', async (words, { remedy }) => {
    const found = await rt().complaint([...words.split(' '), 'one', 'two'])
    expect(found).toMatchObject({ code: 'RT_USAGE', exitCode: 125, remedy })
    expect(found.sentence).toMatch(new RegExp(`^${words.split(' ').at(-1)} is not possible: `))
  })

  it('the same of update, and of the long form of a command', async () => {
    expect((await rt().complaint(['update', '--kernel-memory=1g', 'box'])).sentence).toMatch(
      /^--kernel-memory is not possible/,
    )
    expect((await rt().complaint(['container', 'rm', '--link', 'box'])).sentence).toMatch(/^--link is not possible/)
  })

  it('create -a is taken, and checked', async () => {
    await rt().out(['create', '-a', 'stdout', '--name=box', '--network=none', 'busybox', 'true'])
    await rt().out(['rm', 'box'])
    expect((await rt().complaint(['create', '-a', 'output', 'busybox'])).sentence).toMatch(/"output" is no stream/)
  })

  it('--no-healthcheck asks for nothing', async () => {
    expect(await rt().out([...run, '--rm', '--no-healthcheck', 'busybox', 'echo', 'fine'])).toBe('fine\n')
  })

  it('--rm=false, --init=true', async () => {
    expect(await rt().out([...run, '--rm=false', '--init=true', '--name=kept', 'busybox', 'echo', 'fine'])).toBe(
      'fine\n',
    )
    expect(await rt().out(['rm', 'kept'])).toBe('kept\n')
  })

  it('--rm with -d: gone as soon as it has ended', async () => {
    await rt().out([...run, '--rm', '-d', '--name=brief', 'busybox', 'sleep', '100'])
    await rt().out(['stop', '-t', '0', 'brief'])
    expect(await rt().out(['ps', '-aq'])).toBe('')
  })

  it('--cidfile of run and create holds the id', async () => {
    const { host } = rt()
    for (const make of [['create'], ['run', '-d'], ['run']]) {
      await rt().out([...make, '--network=none', '--name=box', '--cidfile=/root/cid', 'busybox', 'true'])
      const [{ Id }] = JSON.parse(await rt().out(['inspect', 'box']))
      expect(await host.read('/root/cid')).toBe(Id)
      await rt().out(['rm', '-f', 'box'])
      await host.sh('rm /root/cid')
    }
  })

  it('--cidfile that is there already, or of a container that did not come to be', async () => {
    const { host } = rt()
    await host.write('/root/cid', 'of another')
    for (const make of ['create', 'run']) {
      const taken = await rt().complaint([make, '--cidfile=/root/cid', 'busybox', 'true'])
      expect(taken).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
      expect(taken.sentence).toMatch(/\/root\/cid is there already/)
      await rt().complaint([make, '--cidfile=/root/none', 'no-such-image'])
      expect(await host.sh('ls /root/none 2>/dev/null || echo gone')).toBe('gone\n')
      expect(await rt().complaint([make, '--cidfile=/no/dir/cid', 'busybox'])).toMatchObject({ code: 'RT_USAGE' })
    }
    expect(await host.read('/root/cid')).toBe('of another')
    await host.sh('rm /root/cid')
  })

  it('-a: only these streams are the caller\u2019s; the log has all of them', async () => {
    const script = 'echo out; echo err >&2; cat; exit 3'
    const attach = async (...flags: string[]) => {
      const found = await rt().run([...run, '--name=box', ...flags, 'busybox', 'sh', '-c', script], { input: 'in\n' })
      const logs = await rt().run(['logs', 'box'])
      await rt().out(['rm', 'box'])
      return { ...found, logs: `${logs.stdout}${logs.stderr}` }
    }
    expect(await attach('-a', 'stdout')).toMatchObject({ code: 3, stdout: 'out\n', stderr: '', logs: 'out\nerr\n' })
    expect(await attach('-a', 'STDERR')).toMatchObject({ code: 3, stdout: '', stderr: 'err\n', logs: 'out\nerr\n' })
    const both = await attach('-i', '--attach=stdin', '--attach=stdout')
    expect(both).toMatchObject({ code: 3, stdout: 'out\nin\n', stderr: '' })
    const unseen = await attach('-a', 'stdin', '-i')
    expect(unseen.stdout).toMatch(/^[0-9a-f]{64}\n$/)
    expect(unseen).toMatchObject({ code: 3, stderr: '', logs: 'out\nin\nerr\n' })
  })

  it('-a with --rm, of what is no stream, and with -d', async () => {
    const found = await rt().run([...run, '--rm', '-a', 'stdout', 'busybox', 'sh', '-c', 'echo out; echo err >&2'])
    expect(found).toMatchObject({ code: 0, stdout: 'out\n', stderr: '' })
    // What is wrong is told whatever is attached.
    expect(readComplaint(await rt().run([...run, '--rm', '-a', 'stdout', 'busybox', 'no-such'])).exitCode).toBe(127)
    expect((await rt().complaint([...run, '-a', 'output', 'busybox'])).sentence).toMatch(/"output" is no stream/)
    expect((await rt().complaint([...run, '-d', '-a', 'stdout', 'busybox'])).sentence).toMatch(/-a and -d/)
  })
})
