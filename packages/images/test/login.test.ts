import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadRegistry } from '../src/index.ts'
import { parseChallenges } from '../src/registry/challenge.ts'
import { Middleman, noRegistry, TestRegistry } from './registry.ts'
import { imageOf, layerOf, upload } from './registry-images.ts'
import { useStore } from './store.ts'

const world = useStore()
/** bcrypt of `secret`. */
const HTPASSWD = 'ann:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'

it('reads what a registry asks for', () => {
  expect(parseChallenges('Bearer realm="https://a/token?x=1,2",service="s \\"q\\"",scope=pull, Basic realm=x')).toEqual(
    [
      { scheme: 'bearer', parameters: { realm: 'https://a/token?x=1,2', service: 's "q"', scope: 'pull' } },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  )
  expect(parseChallenges(undefined)).toEqual([])
  expect(parseChallenges('Negotiate')).toEqual([{ scheme: 'negotiate', parameters: {} }])
})

describe.skipIf(noRegistry)('a registry with a password', () => {
  let registry: TestRegistry
  let directory: string
  let home: string
  let env: NodeJS.ProcessEnv
  const layers = [layerOf('file', 'x')]
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rt-htpasswd-'))
    writeFileSync(join(directory, 'htpasswd'), `${HTPASSWD}\n`)
    registry = await TestRegistry.start({ more: `auth: {htpasswd: {realm: test, path: ${directory}/htpasswd}}` })
    await using open = await Middleman.before(registry.port)
    open.meddle = {
      answer: (request) => {
        request.headers.authorization = `Basic ${Buffer.from('ann:secret').toString('base64')}`
        return false
      },
    }
    await upload(open.host, 'app', '1', layers, imageOf(layers))
  })
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })
  beforeEach(() => {
    home = join(world.directory, 'home')
    mkdirSync(home)
    env = { HOME: home, PATH: process.env.PATH }
  })
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
  })
  const login = async (username: string, password: string) =>
    (await loadRegistry()).logIn({ host: registry.host, username, password }, { env })
  const pull = () => world.store.pull(`${registry.host}/app:1`, { env })
  const config = () => JSON.parse(readFileSync(join(home, '.docker/config.json'), 'utf8'))

  it('says how to log in, refuses a wrong password, and lets in whoever has the right one', async () => {
    await expect(pull()).rejects.toMatchObject({
      code: 'RT_REGISTRY_DENIED',
      remedy: `Log in with: rt login ${registry.host}`,
    })
    await expect(login('ann', 'wrong')).rejects.toMatchObject({
      code: 'RT_REGISTRY_DENIED',
      message: expect.stringContaining('does not accept'),
    })
    mkdirSync(join(home, '.docker'))
    writeFileSync(join(home, '.docker/config.json'), '{"psFormat":"x","auths":{"other":{"auth":"eDp5"}}}')
    expect(await login('ann', 'secret')).toBe(join(home, '.docker/config.json'))
    expect(config()).toEqual({
      psFormat: 'x',
      auths: { other: { auth: 'eDp5' }, [registry.host]: { auth: Buffer.from('ann:secret').toString('base64') } },
    })
    expect(statSync(join(home, '.docker/config.json')).mode & 0o777).toBe(0o600)
    expect((await pull()).fetched).toBe(1)
    const { logOut } = await loadRegistry()
    expect(logOut(registry.host, env)).toBe(true)
    expect(logOut(registry.host, env)).toBe(false)
    expect(config().auths).toEqual({ other: { auth: 'eDp5' } })
    await world.store.remove(`${registry.host}/app:1`, () => undefined)
    await expect(pull()).rejects.toMatchObject({ code: 'RT_REGISTRY_DENIED' })
  })

  it('a saved password that is wrong is called so', async () => {
    mkdirSync(join(home, '.docker'))
    const auth = Buffer.from('ann:old').toString('base64')
    writeFileSync(
      join(home, '.docker/config.json'),
      JSON.stringify({ auths: { [`https://${registry.host}/v2/`]: { auth } } }),
    )
    await expect(pull()).rejects.toMatchObject({
      code: 'RT_REGISTRY_DENIED',
      message: expect.stringContaining('the password is wrong'),
    })
  })

  it('asks a credential helper, gives it what it is to keep, and makes it forget', async () => {
    const file = join(world.directory, 'kept')
    const program = join(world.directory, 'docker-credential-test')
    writeFileSync(
      program,
      `#!/bin/sh
case $1 in
store) cat >${file} ;;
get) read server; [ -s ${file} ] && grep -q "$server" ${file} && exec cat ${file}; echo "credentials not found in native keychain"; exit 1 ;;
erase) : >${file} ;;
esac
`,
    )
    chmodSync(program, 0o755)
    process.env.PATH = `${world.directory}:${path}`
    mkdirSync(join(home, '.docker'))
    const settings = { credHelpers: { [registry.host]: 'test' } }
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify(settings))
    await expect(pull()).rejects.toMatchObject({ code: 'RT_REGISTRY_DENIED' })
    expect(await login('ann', 'secret')).toBeUndefined()
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ServerURL: registry.host,
      Username: 'ann',
      Secret: 'secret',
    })
    expect(config()).toEqual(settings)
    expect((await pull()).fetched).toBe(1)
    ;(await loadRegistry()).logOut(registry.host, env)
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  it.each([
    ['a helper that is not there', '{"credsStore":"nosuch"}', /docker-credential-nosuch/],
    ['a helper whose name is a path', '{"credsStore":"../../bin/sh"}', /no name/],
    ['a config that is no JSON', '{', /not valid JSON/],
  ])('says what is wrong with %s', async (_, text, message) => {
    mkdirSync(join(home, '.docker'))
    writeFileSync(join(home, '.docker/config.json'), text)
    await expect(pull()).rejects.toMatchObject({
      code: 'RT_REGISTRY_CREDENTIALS',
      message: expect.stringMatching(message),
    })
  })
})

describe.skipIf(noRegistry)('a registry with a token server', () => {
  const layers = [layerOf('file', 'x')]
  it.each([
    ['a name and password', { auth: Buffer.from('ann:secret').toString('base64') }],
    ['an identity token', { identitytoken: 'refresh' }],
  ])('is given a token for just this repository, for %s, and a new one when that is over', async (_, entry) => {
    await using registry = await TestRegistry.start()
    await upload(registry.host, 'team/app', '1', layers, imageOf(layers))
    await using man = await Middleman.before(registry.port)
    const scopes: (string | null)[] = []
    let token = 0
    man.meddle = {
      answer: (request, response) => {
        const url = new URL(request.url ?? '', `http://${man.host}`)
        const challenge = { 'www-authenticate': `Bearer realm="http://${man.host}/token",service="test"` }
        if (url.pathname === '/token') {
          const answer = (form: URLSearchParams): void => {
            const known =
              form.get('refresh_token') === 'refresh' || request.headers.authorization === `Basic ${entry.auth}`
            scopes.push(form.get('scope'))
            if (known && form.get('service') === 'test')
              response.writeHead(200).end(JSON.stringify({ token: `t${++token}` }))
            else response.writeHead(401, challenge).end()
          }
          if (request.method === 'GET') answer(url.searchParams)
          else {
            let text = ''
            request.on('data', (piece) => {
              text += piece
            })
            request.on('end', () => answer(new URLSearchParams(text)))
          }
          return true
        }
        // The first token is over after one use.
        const given = request.headers.authorization
        if (given === `Bearer t${token}` && (token > 1 || url.pathname.includes('/manifests/'))) return false
        response.writeHead(401, challenge).end()
        return true
      },
    }
    const home = join(world.directory, 'home', '.docker')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [man.host]: entry } }))
    const { fetched } = await world.store.pull(`${man.host}/team/app:1`, { env: { DOCKER_CONFIG: home } })
    expect(fetched).toBe(1)
    expect(scopes).toEqual(['repository:team/app:pull', 'repository:team/app:pull'])
  })
})

describe.skipIf(noRegistry)('a registry that has its layers elsewhere', () => {
  it('is followed there, and the password stays behind', async () => {
    await using registry = await TestRegistry.start()
    const layers = [layerOf('file', 'x')]
    await upload(registry.host, 'app', '1', layers, imageOf(layers))
    await using elsewhere = await Middleman.before(registry.port)
    await using man = await Middleman.before(registry.port)
    man.meddle = {
      answer: (request, response) => {
        if (request.headers.authorization === undefined)
          response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
        else if (request.url?.includes('/blobs/'))
          response.writeHead(307, { location: `http://${elsewhere.host}${request.url}` }).end()
        else return false
        return true
      },
    }
    const home = join(world.directory, 'home')
    mkdirSync(home)
    const auth = Buffer.from('ann:secret').toString('base64')
    writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [man.host]: { auth } } }))
    expect((await world.store.pull(`${man.host}/app:1`, { env: { DOCKER_CONFIG: home } })).fetched).toBe(1)
    expect(elsewhere.blobs()).toHaveLength(2)
    expect(elsewhere.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  it('is not followed in circles', async () => {
    await using registry = await TestRegistry.start()
    await using man = await Middleman.before(registry.port)
    man.meddle = {
      answer: (request, response) => {
        if (!request.url?.includes('/manifests/')) return false
        response.writeHead(302, { location: request.url }).end()
        return true
      },
    }
    await expect(world.store.pull(`${man.host}/app:1`)).rejects.toMatchObject({
      code: 'RT_REGISTRY_INVALID',
      message: expect.stringContaining('a redirect in circles'),
    })
  })
})

describe.skipIf(noRegistry)('a registry with TLS', () => {
  it('is trusted with its own authority, not without, and not at all when told not to look', async () => {
    const KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: world.directory, stdio: 'pipe' })
    openssl(...KEY, '-x509', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority', '-days', '2')
    openssl(...KEY, '-keyout', 'key.pem', '-out', 'csr.pem', '-subj', '/CN=registry')
    writeFileSync(join(world.directory, 'ext'), 'subjectAltName=IP:127.0.0.1\n')
    openssl(
      'x509',
      '-req',
      '-in',
      'csr.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'cert.pem',
      '-days',
      '2',
      '-extfile',
      'ext',
    )
    await using registry = await TestRegistry.start({
      http: `  tls: {certificate: ${world.directory}/cert.pem, key: ${world.directory}/key.pem}`,
    })
    const name = `${registry.host}/app:1`
    const insecure = { registries: { [registry.host]: { insecure: true } } }
    const trusted = { registries: { [registry.host]: { ca: join(world.directory, 'ca.pem') } } }
    await expect(world.store.pull(name)).rejects.toMatchObject({
      code: 'RT_REGISTRY_UNTRUSTED',
      remedy: expect.stringContaining(`'${registry.host}': { ca: FILE }`),
    })
    await expect(
      world.store.pull(name, { registries: { [registry.host]: { ca: '/no/such/file' } } }),
    ).rejects.toMatchObject({ code: 'RT_CONFIG_INVALID' })
    // Both come as far as to be told that there is no such image.
    await expect(world.store.pull(name, insecure)).rejects.toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
    await expect(world.store.pull(name, trusted)).rejects.toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
  })
})
