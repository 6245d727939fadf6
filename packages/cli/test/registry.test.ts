import type { Running } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noRegistry, serveRegistry, withPassword } from './registry-in-world.ts'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

const HOST = '127.0.0.1:5000'
const LOCKED = '127.0.0.1:5001'
describe.skipIf(cannotRun ?? noRegistry)('registries', () => {
  const rt = useRt({ internet: false })
  const servers: Running[] = []
  const serve = async (host: string, more?: string): Promise<void> => {
    servers.push(await serveRegistry(rt(), host, more))
  }
  beforeAll(async () => {
    await serve(HOST)
    await serve(LOCKED, await withPassword(rt()))
  })
  afterAll(async () => {
    for (const server of servers) {
      await server.kill()
      await server.exit
    }
  })

  it('push, rmi, and run fetches what is not here, once', async () => {
    await rt().out(['tag', 'busybox', `${HOST}/team/box:1`])
    expect(await rt().out(['push', `${HOST}/team/box:1`])).toMatch(
      /^Pushing to .*team\/box\n[0-9a-f]{12}: Compressing\n[0-9a-f]{12}: Pushed\n1: digest: sha256:[0-9a-f]{64}\n$/,
    )
    expect(await rt().out(['push', `${HOST}/team/box:1`])).toContain(': Layer already exists\n')
    await rt().out(['rmi', `${HOST}/team/box:1`])
    // Its layer is busybox's: nothing is fetched but the name.
    const first = await rt().run(['run', '--rm', '--network=none', `${HOST}/team/box:1`, 'echo', 'hello'])
    expect(first).toMatchObject({
      code: 0,
      stdout: 'hello\n',
      stderr: expect.stringMatching(/^Pulling from 127\.0\.0\.1:5000: 1 layer\n[0-9a-f]{12}: Already exists\n$/),
    })
    expect(await rt().run(['run', '--rm', '--network=none', `${HOST}/team/box:1`, 'echo', 'again'])).toMatchObject({
      stdout: 'again\n',
      stderr: '',
    })
    await rt().out(['rmi', 'busybox', `${HOST}/team/box:1`])
    const fetched = await rt().run(['create', '--name=made', '--network=none', `${HOST}/team/box:1`, 'true'])
    expect(fetched.stderr).toMatch(/: Pull complete\n$/)
    await rt().out(['rm', 'made'])
    expect(await rt().out(['pull', '-q', `${HOST}/team/box:1`])).toBe(`${HOST}/team/box:1\n`)
    expect(await rt().out(['pull', `${HOST}/team/box:1`])).toMatch(
      /^Digest: sha256:[0-9a-f]{64}\nStatus: Image is up to date for/,
    )
  })

  it('--pull says when the registry is asked', async () => {
    const name = `${HOST}/team/box:1`
    await rt().out(['pull', name])
    const never = readComplaint(await rt().run(['run', '--rm', '--pull=never', `${HOST}/team/none`, 'true']))
    expect(never).toMatchObject({ code: 'RT_IMAGE_UNKNOWN', exitCode: 125 })
    expect(await rt().out(['run', '--rm', '--network=none', '--pull=always', name, 'echo', 'x'])).toBe('x\n')
    const always = readComplaint(await rt().run(['run', '--rm', '--pull=always', `${HOST}/team/none`, 'true']))
    expect(always.sentence).toContain(`${HOST} has no image`)
    expect(
      readComplaint(await rt().run(['run', '--rm', '--platform=linux/s390x', '--pull=never', name, 'true'])).code,
    ).toBe('RT_IMAGE_PLATFORM')
    // A mirror of Docker's registry that is up, behind one that is not.
    await rt().out(['tag', name, `${HOST}/library/mirrored:1`])
    await rt().out(['push', '-q', `${HOST}/library/mirrored:1`])
    await rt().host.write(
      '/etc/rt/config.yaml',
      `registries: { docker.io: { mirrors: ['http://127.0.0.1:1', 'http://${HOST}'] } }\n`,
    )
    expect((await rt().run(['run', '--rm', '--network=none', 'mirrored:1', 'echo', 'mirrored'])).stdout).toBe(
      'mirrored\n',
    )
    await rt().host.sh('rm /etc/rt/config.yaml')
  })

  it('without a network an unknown image is told of at once, with where it was looked for', async () => {
    const started = performance.now()
    const complaint = readComplaint(await rt().run(['run', '--rm', 'ghcr.io/nobody/nothing', 'true']))
    expect(performance.now() - started).toBeLessThan(30_000)
    expect(complaint).toMatchObject({ code: 'RT_IMAGE_UNKNOWN', exitCode: 125 })
    expect(complaint.sentence).toMatch(
      /^No image "ghcr\.io\/nobody\/nothing" is in the store.* The registry ghcr\.io cannot be reached: /,
    )
    expect(complaint.remedy).toMatch(/rt import/)
  })

  it('login, and what is refused without', async () => {
    await rt().out(['tag', `${HOST}/team/box:1`, `${LOCKED}/box:1`])
    const denied = readComplaint(
      await rt()
        .run(['push', `${LOCKED}/box:1`])
        .then((result) => ({ ...result, stdout: '' })),
    )
    expect(denied).toMatchObject({ code: 'RT_REGISTRY_DENIED', remedy: `Log in with: rt login ${LOCKED}` })
    const wrong = readComplaint(
      await rt().run(['login', '-u', 'ann', '--password-stdin', LOCKED], { input: 'wrong\n' }),
    )
    expect(wrong.code).toBe('RT_REGISTRY_DENIED')
    const login = await rt().run(['login', '-u', 'ann', '--password-stdin', LOCKED], { input: 'secret\n' })
    expect(login).toMatchObject({ code: 0, stdout: 'Login Succeeded\n' })
    await rt().out(['push', '-q', `${LOCKED}/box:1`])
    await rt().out(['rmi', `${LOCKED}/box:1`])
    await rt().out(['pull', '-q', `${LOCKED}/box:1`])
    expect(await rt().out(['logout', LOCKED])).toBe(`Removed the login for ${LOCKED}\n`)
    expect(readComplaint(await rt().run(['pull', '-q', `${LOCKED}/box:1`])).code).toBe('RT_REGISTRY_DENIED')
    await rt().out(['rmi', `${LOCKED}/box:1`])
  })

  it('login asks on a terminal, and shows no password', async () => {
    const terminal = rt().pty(['login', LOCKED])
    await terminal.waitFor(/Username: /)
    terminal.write('ann\n')
    await terminal.waitFor(/Password: /)
    terminal.write('secret\n')
    await terminal.waitFor(/Login Succeeded/)
    expect(await terminal.exit).toMatchObject({ code: 0 })
    expect(terminal.stdout).not.toContain('secret')
    await rt().out(['logout', LOCKED])
    expect(readComplaint(await rt().run(['login', LOCKED]))).toMatchObject({ code: 'RT_USAGE', exitCode: 1 })
  })

  it('history, image inspect, system df and image prune agree about what is there', async () => {
    const name = `${HOST}/team/box:1`
    await rt().out(['run', '--name=changed', '--network=none', name, 'sh', '-c', 'head -c 100000 /dev/urandom >/file'])
    await rt().out(['commit', '-m', 'with a file', 'changed', 'made:1'])
    const history = (await rt().out(['history', 'made:1'])).trimEnd().split('\n')
    expect(history).toHaveLength(3)
    expect(history[1]).toMatch(/^[0-9a-f]{12} .* sh -c head -c 100000 .* \d+kB +with a file$/)
    expect(await rt().out(['image', 'inspect', '--format', 'RepoDigests', name])).toContain(`"${HOST}/team/box@sha256:`)
    // A new image of the name leaves the old one nameless.
    await rt().out(['commit', '-m', 'again', 'changed', 'made:1'])
    const df = async () => JSON.parse(await rt().out(['system', 'df', '--json'])).images
    const before = await df()
    expect(before).toMatchObject({ active: 1 })
    const pruned = await rt().out(['image', 'prune', '-f'])
    expect(pruned).toMatch(/^Deleted Images:\ndeleted: sha256:[0-9a-f]{64}\n\nTotal reclaimed space: /)
    expect(pruned).not.toContain('untagged')
    expect((await df()).images).toBe(before.images - 1)
    await rt().out(['rm', 'changed'])
    const { size, reclaimable } = await df()
    expect(reclaimable).toBe(size)
    await rt().out(['image', 'prune', '-af'])
    expect(await df()).toEqual({ images: 0, active: 0, size: 0, reclaimable: 0 })
    expect(await rt().host.sh('find /var/lib/rt/images -type f -printf "%f\\n" | sort')).toBe(
      'index.json\nlock\noci-layout\n',
    )
  })

  it('shows on a terminal how far each layer is', async () => {
    await rt().out(['image', 'prune', '-af'])
    const seen = await rt().host.sh(`script -qec '${RT} pull ${HOST}/team/box:1' /dev/null`)
    expect(seen).toMatch(/[0-9a-f]{12}: Pulling \[=*>? *\] [0-9.]+k?M?B\/1\.\d+MB/)
    expect(seen).toContain('\x1b[1A\x1b[2K')
    expect(seen).toMatch(/: Pull complete/)
  })
})
