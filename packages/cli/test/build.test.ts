import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

const reason =
  cannotRun || (existsSync('/usr/bin/buildah') ? false : 'buildah is not installed: apt-get install buildah')

describe.skipIf(reason)('rt build, by buildah', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script)
  const write = async (path: string, text: string): Promise<void> => {
    await sh(`mkdir -p $(dirname /root/${path}) && cat >/root/${path} <<'END'\n${text}\nEND`)
  }
  const build = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await rt().run(['build', ...words], { cwd: '/root/site' })
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    return stdout.trim()
  }
  const run = (...words: string[]) => rt().out(['run', '--rm', '--network=none', '--pull=never', ...words])

  beforeAll(async () => {
    await rt().out(['run', '--name=box', '--network=none', 'busybox', 'sh', '-c', 'echo first >/base'])
    await rt().out(['commit', 'box', 'base:1'])
    await sh(
      'mkdir -p /root/site; echo content >/root/site/file; echo secret >/root/site/ignored; echo ignored >/root/site/.dockerignore',
    )
    await write(
      'site/Dockerfile',
      `ARG VERSION
FROM base:\${VERSION} AS made
RUN cat /base >/said && echo run >>/said
FROM busybox AS test
CMD ["echo", "the test stage"]
FROM busybox
ARG TEXT=default
COPY --from=made /said /said
COPY . /site
RUN echo $TEXT >>/said; echo app:x:1000:1000::/:/bin/sh >>/etc/passwd
LABEL kind=made
USER app
WORKDIR /site
CMD ["sh", "-c", "id -u; pwd; ls -A; cat /said"]`,
    )
  })

  it("base images are this store's, whatever way the Dockerfile names them, and the result runs under each of its tags", async () => {
    const id = await build(
      '-t',
      'app:1',
      '-t',
      'localhost/other',
      '--build-arg',
      'VERSION=1',
      '--build-arg=TEXT=given',
      '--label',
      'more=1',
      '.',
    )
    for (const name of ['app:1', 'localhost/other', id])
      expect(await run(name)).toBe('1000\n/site\n.dockerignore\nDockerfile\nfile\nfirst\nrun\ngiven\n')
    const [image] = JSON.parse(await rt().out(['image', 'inspect', 'app:1']))
    expect(image.Config.Labels).toMatchObject({ kind: 'made', more: '1' })
    expect(image.RepoTags.sort()).toEqual(['app:1', 'localhost/other:latest'])
  })

  it('names and network of RUN, a file for the id, and what Docker\u2019s scripts give besides', async () => {
    const dockerfile = 'FROM busybox\nRUN cat /etc/hosts >/hosts\n'
    const flags = [
      '--add-host=there:192.0.2.7',
      '--network=host',
      '--iidfile=/root/iid',
      '--progress=plain',
      '--rm',
      '--load',
    ]
    const { code, stdout } = await rt().run(['build', '-q', ...flags, '-'], { input: dockerfile })
    expect(code).toBe(0)
    expect(await sh('cat /root/iid')).toBe(stdout.trim())
    const found = await rt().out(['run', '--rm', '--network=none', stdout.trim(), 'cat', '/hosts'])
    expect(found).toMatch(/^192\.0\.2\.7\s+there$/m)
    expect(await rt().complaint(['build', '--output=x', '.'])).toMatchObject({ code: 'RT_USAGE' })
  })

  it('a stage of its own, quietly', async () => {
    const { stdout, stderr } = await rt().run(
      ['build', '-q', '--target=test', '--build-arg=VERSION=1', '-t', 'test', '.'],
      { cwd: '/root/site' },
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    expect(await run('test')).toBe('the test stage\n')
  })

  it('a base image that has changed here is the new one', async () => {
    await write('next/Dockerfile', 'FROM base:1\nRUN cat /base >/copied\nCMD ["cat", "/copied"]')
    await build('-t', 'next', '/root/next')
    expect(await run('next')).toBe('first\n')
    await rt().out(['run', '--name=box2', '--network=none', 'busybox', 'sh', '-c', 'echo second >/base'])
    await rt().out(['commit', 'box2', 'base:1'])
    await build('-t', 'next', '/root/next')
    expect(await run('next')).toBe('second\n')
    await rt().out(['rm', 'box', 'box2'])
  })

  it('steps are done once, and again with --no-cache', async () => {
    await write('random/Dockerfile', 'FROM busybox\nRUN head -c 9 /dev/urandom >/random')
    const first = await build('/root/random')
    expect(await build('/root/random')).toBe(first)
    expect(await build('--no-cache', '/root/random')).not.toBe(first)
  })

  it('from scratch; Dockerfile or context from standard input', async () => {
    await write('empty/other.docker', 'FROM scratch\nCOPY file /file\nCMD ["/file"]')
    await sh('echo content >/root/empty/file')
    const id = await build('-f', 'other.docker', '/root/empty')
    expect(JSON.parse(await rt().out(['image', 'inspect', id]))[0].Config.Cmd).toEqual(['/file'])
    const piped = await sh(`cd /root/empty; R='${RT} build -q'
      $R -f - . <other.docker
      tar c file other.docker | $R -f other.docker -
      printf 'FROM busybox\\nCMD ["echo", "piped"]' | $R -t piped -`)
    expect(piped.trim().split('\n')).toEqual([
      expect.stringMatching(/^sha256:/),
      expect.stringMatching(/^sha256:/),
      expect.stringMatching(/^sha256:/),
    ])
    expect(await run('piped')).toBe('piped\n')
  })

  it('what fails is told once, and nothing of it is kept', async () => {
    await rt().settled()
    const host = await rt().world.snapshot()
    const before = await rt().out(['images', '-q'])
    await write('bad/Dockerfile', 'FROM busybox\nRUN echo this fails >&2; exit 3')
    const { code, stderr, stdout } = await rt().run(['build', '-t', 'bad', '/root/bad'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('this fails')
    expect(stderr).toMatch(/rt: buildah did not make the image: .* \[RT_BUILD_FAILED\]\n {2}[^\n]+\n$/)
    for (const [words, code, text] of [
      [['/no/such'], 'RT_USAGE', 'not a folder'],
      [['/root/empty'], 'RT_USAGE', 'no Dockerfile in'],
      [['-f', 'none', '.'], 'RT_USAGE', 'no Dockerfile none'],
      [['-t', 'Bad', '.'], 'RT_IMAGE_REFERENCE', 'character 1'],
      [['--builder=buildkit', '.'], 'RT_BUILD_NO_BUILDER', 'buildctl'],
      [['--platform=linux/amd64,linux/arm64', '.'], 'RT_USAGE', 'one platform'],
    ] as const) {
      const complaint = readComplaint(await rt().run(['build', ...words], { cwd: '/root/site' }))
      expect(complaint.code, words.join(' ')).toBe(code)
      expect(complaint.sentence).toContain(text)
    }
    expect(await rt().out(['images', '-q'])).toBe(before)
    expect(await sh('ls -A /var/lib/rt/images/tmp; ls /var/lib/rt/build | grep scratch || true')).toBe('')
    await rt().world.expectNoLeaks(host)
  })

  it('what is kept for the next build is shown, and goes when it is not wanted', async () => {
    const cache = async () => JSON.parse(await rt().out(['system', 'df', '--json'])).buildCache
    await write('random/Dockerfile', 'FROM busybox\nRUN head -c 9 /dev/urandom >/random')
    await build('/root/random')
    const { count, active, size, reclaimable } = await cache()
    expect([count > 1, active, size > 1_000_000, reclaimable]).toEqual([true, 0, true, size])
    expect(await rt().out(['system', 'df'])).toMatch(/^Build Cache +\d+ +0 +[\d.]+MB +[\d.]+MB \(100%\)$/m)
    const none = { count: 0, active: 0, size: 0, reclaimable: 0 }
    const left = () => sh('find /var/lib/rt/build /run/rt/build ! -name build 2>/dev/null || :')
    expect(await rt().out(['builder', 'prune', '-f'])).toMatch(/^Total reclaimed space: [\d.]+MB\n$/)
    expect([await cache(), await left()]).toEqual([none, '/var/lib/rt/build/lock\n'])
    expect(await rt().out(['builder', 'prune', '-f'])).toBe('Total reclaimed space: 0B\n')
    await build('/root/random')
    const before = await rt().out(['images', '-q'])
    expect(await rt().out(['system', 'prune', '-f'])).toMatch(/Total reclaimed space: [\d.]+MB\n$/)
    expect([await cache(), await left()]).toEqual([none, '/var/lib/rt/build/lock\n'])
    expect(before.split('\n')).toEqual(expect.arrayContaining((await rt().out(['images', '-q'])).split('\n')))
    await build('/root/random')
  })

  it('kill -9 ends all of it at once, and the next one clears up after it', async () => {
    const mounts = () => sh('cut -d " " -f 5- /proc/self/mountinfo')
    const before = await mounts()
    await write('slow/Dockerfile', 'FROM busybox\nRUN echo kept >/kept\nRUN sleep 100017')
    const sleeping = async () => (await sh('ps ax -o args')).includes('\nsleep 100017\n')
    const containers = () =>
      sh('cd /var/lib/rt/build/buildah && buildah --root $PWD --runroot /run/rt/build/buildah containers -q')
    const build = rt().spawn(['build', '/root/slow'])
    await until('it is at its last step', sleeping, 60_000)
    expect(JSON.parse(await rt().out(['system', 'df', '--json'])).buildCache).toMatchObject({
      active: 1,
      reclaimable: 0,
    })
    const busy = readComplaint(await rt().run(['builder', 'prune', '-f']))
    expect(busy).toMatchObject({ code: 'RT_BUILD_RUNNING', exitCode: 1 })
    await rt().out(['system', 'prune', '-f'])
    expect(await sleeping()).toBe(true)
    await build.kill()
    await build.exit
    // Neither a process nor a mount is left.
    await until('all of it has ended', async () => !/sleep 100017|buildah/.test(await sh('ps ax -o args')))
    expect(await mounts()).toBe(before)
    expect(await containers()).not.toBe('')
    await write('slow/Dockerfile', 'FROM busybox\nRUN echo kept >/kept\nCMD ["cat", "/kept"]')
    const { code, stderr, stdout } = await rt().run(['build', '/root/slow'])
    expect(code, stderr).toBe(0)
    // What was done before it was killed is not done again.
    expect(stderr).toContain('Using cache')
    expect(await run(stdout.trim())).toBe('kept\n')
    expect(await containers()).toBe('')
    expect(await sh('ls /var/lib/rt/build; ls -A /var/lib/rt/images/tmp')).toBe('buildah\nlock\n')
  })
})
