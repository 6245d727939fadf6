import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createWorld, patience, whyNoWorld } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Registry, startRegistry } from './registry.ts'

const packages = join(import.meta.dirname, '../..')
const PUBLISHED = ['driver-api', 'native', 'driver-testkit', 'create-rt-driver']
const LAUNCHER = join(packages, 'cli/dist/launch.cjs')

/** In a clean folder, with nothing of ours but what `npm pack` makes, as from a registry. */
describe.skipIf(whyNoWorld())('who has only published packages', { timeout: patience(240_000) }, () => {
  let directory = ''
  let registry: Registry | undefined
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    NODE_OPTIONS: '',
    NODE_PATH: '',
    npm_config_registry: registry?.url,
    npm_config_cache: join(directory, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  })
  const run = async (cwd: string, file: string, ...args: string[]): Promise<string> => {
    try {
      return (await promisify(execFile)(file, args, { cwd, env: env(), maxBuffer: 1 << 26 })).stdout
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`)
    }
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rt-published-'))
    const tarballs = await Promise.all(
      PUBLISHED.map(async (name) => {
        const folder = join(packages, name)
        const packed = await run(folder, 'npm', 'pack', '--ignore-scripts', '--json', `--pack-destination=${directory}`)
        const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
        return { file: join(directory, filename), json: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
      }),
    )
    registry = await startRegistry(tarballs, realpathSync(join(packages, '../node_modules')))
  }, patience(120_000))
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })

  it('makes a driver, builds, tests and packs it, adds it to rt, and runs a container with it', async () => {
    await run(directory, 'npm', 'init', '--yes', 'rt-driver', '--', '--kind', 'net', '--name', 'demo')
    const driver = join(directory, 'rt-driver-net-demo')
    await run(driver, 'npm', 'install')
    await run(driver, 'npm', 'run', 'build')
    expect(await run(driver, 'npm', 'test')).toMatch(/Tests .*passed/)
    await run(driver, 'npm', 'pack')

    await using world = await createWorld()
    // The world has no way to a registry: what is added outside lies in a folder that both see.
    const root = join(world.share, 'rt')
    const rt = (...words: string[]) =>
      run(driver, process.execPath, LAUNCHER, `--root=${root}`, `--run-root=${root}/run`, ...words)
    expect(await rt('drivers', 'add', './rt-driver-net-demo-0.1.0.tgz')).toBe('net/demo (rt-driver-net-demo 0.1.0)\n')
    expect(await rt('drivers', 'inspect', 'demo')).toMatch(/mtu .*1500/)
    const verified = await rt('drivers', 'verify', 'demo')
    expect(verified.split('\n').filter((line) => !line.startsWith('ok'))).toEqual([
      '-     contract  not offered: publish, reload, define, reset',
      '',
    ])

    const command = [
      '--root=/run/world/rt',
      '--storage=copy',
      '--network=demo',
      '--rm',
      'busybox',
      'ip',
      'addr',
      'show',
      'eth0',
    ]
    const { code, stdout, stderr } = await world.host.run([process.execPath, '--', LAUNCHER, 'run', ...command])
    // It may say that it has made the image first.
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('inet 10.199.0.2/30')
    expect(await rt('drivers', 'remove', 'demo')).toBe('demo\n')
  })

  it('has the test kit run programs in containers of an isolation driver', async () => {
    await run(directory, 'npm', 'init', '--yes', 'rt-driver', '--', '--kind', 'isolation', '--name', 'demo')
    const driver = join(directory, 'rt-driver-isolation-demo')
    await run(driver, 'npm', 'install')
    await run(driver, 'npm', 'run', 'build')
    expect(await run(driver, 'npm', 'test', '--', '--reporter=verbose')).toMatch(/✓.*runs a program by the shim/)
  })
})
