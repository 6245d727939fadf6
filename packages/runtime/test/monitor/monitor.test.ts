import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostStep, IsolationDriver } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Layout } from '../../src/layout.ts'
import { killContainers } from '../../src/lifecycle/kill.ts'
import { PauseSight } from '../../src/lifecycle/pause-sight.ts'
import { pauseContainers } from '../../src/lifecycle/paused.ts'
import { stopContainers } from '../../src/lifecycle/stop.ts'
import { waitForContainers } from '../../src/lifecycle/wait.ts'
import { readContainer } from '../../src/store/containers.ts'
import type { Context } from '../../src/store/context.ts'
import { makeStore } from '../../src/store/prepare.ts'

const ID = 'c'.repeat(64)

let directory = ''
let layout: Layout
let monitor: ChildProcess | undefined
let driver: Partial<IsolationDriver> = {}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-m-'))
  layout = new Layout(`${directory}/root`, `${directory}/run`)
  driver = {}
  makeStore(layout)
  mkdirSync(layout.container(ID))
  mkdirSync(layout.run(ID))
  const record = {
    id: ID,
    name: 'web',
    created: new Date().toISOString(),
    image: { id: 'none', name: 'none' },
    drivers: { isolation: 'fake', storage: 'fake', network: 'fake' },
    autoRemove: false,
    request: { restart: { name: 'always' } },
  }
  writeFileSync(layout.record(ID), JSON.stringify(record))
  writeFileSync(layout.plan(ID), '{}')
  symlinkSync(ID, layout.name('web'))
})
afterEach(() => {
  monitor?.kill('SIGKILL')
  rmSync(directory, { recursive: true })
})

const begin = async (startsAfterStop = 0): Promise<ChildProcess> => {
  const script = join(import.meta.dirname, 'fake-monitor.ts')
  const child = spawn(
    process.execPath,
    [
      '--conditions=@rt/source',
      '--experimental-strip-types',
      '--disable-warning=ExperimentalWarning',
      script,
      layout.run(ID),
      String(startsAfterStop),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  monitor = child
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}

const context = (): Context =>
  ({
    layout,
    registry: { resolve: async () => driver },
    images: { ofContainer: () => undefined },
  }) as unknown as Context

const status = (): string[] => readFileSync(layout.status(ID), 'utf8').trim().split(' ')

describe('a monitor that restarts', () => {
  it('stop: hears that it is over, and is waited for', async () => {
    const child = await begin()
    const exit = once(child, 'exit')
    expect(await stopContainers(context(), ['web'], {})).toMatchObject([{ name: 'web', value: {} }])
    expect(isLocked(layout.lock(ID))).toBe(false)
    expect(existsSync(layout.stopped(ID))).toBe(true)
    expect(await exit).toEqual([0, null])
  })

  it('stop: one that was already about to start again is ended once more', async () => {
    const child = await begin(2)
    const exit = once(child, 'exit')
    expect(await stopContainers(context(), ['web'], {})).toMatchObject([{ name: 'web', value: {} }])
    expect(isLocked(layout.lock(ID))).toBe(false)
    expect(await exit).toEqual([0, null])
  })

  it('kill with another signal than the last: it goes on', async () => {
    await begin()
    const [, , , before] = status()
    expect(await killContainers(context(), ['web'], 'HUP')).toEqual([{ name: 'web', value: undefined }])
    await expect.poll(() => status()[3]).toBe(String(Number(before) + 1))
    expect(existsSync(layout.stopped(ID))).toBe(false)
    expect(isLocked(layout.lock(ID))).toBe(true)
  })

  it('wait: the exit status of the first end after it was asked, though the monitor goes on', async () => {
    await begin()
    spawn('sh', ['-c', `sleep 0.3; kill ${status()[0]}`])
    const heard: unknown[] = []
    await waitForContainers(context(), ['web'], (outcome) => heard.push(outcome))
    expect(heard).toEqual([{ name: 'web', value: 143 }])
    expect(isLocked(layout.lock(ID))).toBe(true)
  })
})

describe('pause', () => {
  const frozen = (): string => `${directory}/frozen`
  const freeze = async (_: unknown, on: boolean): Promise<HostStep[]> => [
    on
      ? { where: 'host', op: 'file.write', path: frozen(), content: '1', mode: 0o600, why: 'Freezes.' }
      : { where: 'host', op: 'file.remove', path: frozen(), why: 'Thaws.' },
  ]
  const state = async () => {
    const found = readContainer(layout, ID)
    return found && (await new PauseSight(context().registry, context().layout).look(found)).state.status
  }

  it('freezes and thaws, each only once', async () => {
    await begin()
    driver = { freeze, isFrozen: () => existsSync(frozen()) }
    expect(await pauseContainers(context(), ['web'], false)).toMatchObject([
      { error: { code: 'RT_CONTAINER_RUNNING' } },
    ])
    expect(await pauseContainers(context(), ['web'], true)).toEqual([{ name: 'web', value: undefined }])
    expect(await state()).toBe('paused')
    expect(await pauseContainers(context(), ['web'], true)).toMatchObject([{ error: { code: 'RT_CONTAINER_PAUSED' } }])
    expect(await pauseContainers(context(), ['web'], false)).toEqual([{ name: 'web', value: undefined }])
    expect(await state()).toBe('running')
  })

  it('a paused one that is stopped is thawed: it could not hear the signal', async () => {
    await begin()
    driver = { freeze, isFrozen: () => existsSync(frozen()) }
    await pauseContainers(context(), ['web'], true)
    await stopContainers(context(), ['web'], {})
    expect(existsSync(frozen())).toBe(false)
  })

  it('a driver that cannot says so', async () => {
    await begin()
    expect(await pauseContainers(context(), ['web'], true)).toMatchObject([
      { error: { code: 'RT_DRIVER_LACKS', exitCode: 1 } },
    ])
  })

  it('one that does not run', async () => {
    rmSync(layout.run(ID), { recursive: true })
    expect(await pauseContainers(context(), ['web'], true)).toMatchObject([
      { error: { code: 'RT_CONTAINER_NOT_RUNNING' } },
    ])
  })
})
