import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DriverContext, NetworkDriver } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { createRuntime } from '../src/create.ts'
import { type DriverModule, foreignModule } from '../src/drivers/registry.ts'

let loads = 0

class Fake implements NetworkDriver {
  readonly context: DriverContext
  constructor(context: DriverContext) {
    this.context = context
  }
  async probe() {
    return { ok: true, detail: JSON.stringify(this.context.options) } as const
  }
  setup(): never {
    throw new Error('not in this test')
  }
}

const fake: DriverModule<'network'> = {
  axis: 'network',
  name: 'fake',
  package: 'rt-driver-net-fake',
  load: async () => {
    loads++
    return { default: Fake }
  },
}
const broken: DriverModule = {
  axis: 'network',
  name: 'broken',
  package: 'rt-driver-net-broken',
  load: () => Promise.reject(new Error('boom')),
}

const runtime = () =>
  createRuntime({
    drivers: [fake, broken],
    env: { RT_NETWORK_FAKE_COLOUR: 'red', RT_ROOT: '/nowhere' },
    cwd: '/',
    settings: { network: 'fake' },
  })

describe('the driver registry', () => {
  it('gives a driver its context and loads nothing that is not asked for', async () => {
    const rt = await runtime()
    expect(loads).toBe(0)
    expect(await (await rt.drivers.configured('network')).probe()).toEqual({ ok: true, detail: '{"colour":"red"}' })
    await rt.drivers.configured('network')
    expect(loads).toBe(1)
  })

  it('suggests a driver for a name that is none', async () => {
    const rt = await runtime()
    await expect(rt.drivers.resolve('network', 'fakke')).rejects.toMatchObject({
      code: 'RT_DRIVER_UNKNOWN',
      message: 'There is no network driver "fakke". Did you mean "fake"?',
      remedy: 'Installed network drivers: fake, broken.',
    })
  })

  it('lets a driver that cannot be loaded fail alone', async () => {
    const rt = await runtime()
    await expect(rt.drivers.resolve('network', 'broken')).rejects.toThrow('boom')
    await expect(rt.drivers.resolve('network', 'fake')).resolves.toBeInstanceOf(Fake)
  })

  it('asks all that can be loaded, past one of a third party that cannot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rt-driver-'))
    try {
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name: 'rt-driver-net-unbuilt', rt: { kind: 'net', name: 'unbuilt', apiVersion: 1 } }),
      )
      const installed = { kind: 'net', name: 'unbuilt', folder, origin: 'beside' } as const
      const rt = await createRuntime({
        drivers: [foreignModule(installed), fake],
        env: { RT_ROOT: '/nowhere' },
        cwd: '/',
      })
      await expect(rt.drivers.resolve('network', 'unbuilt')).rejects.toMatchObject({ code: 'RT_DRIVER_BROKEN' })
      const names = (await rt.drivers.usable('network')).map(({ name }) => name)
      expect(names).toContain('fake')
      expect(names).not.toContain('unbuilt')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
