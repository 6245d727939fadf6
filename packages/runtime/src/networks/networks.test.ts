import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type NetworkDefinition,
  type NetworkDriver,
  type NetworkPlan,
  type NetworkRequest,
  RtError,
} from '@rt/driver-api'
import { ImageStore } from '@rt/images'
import { type FileLock, lock } from '@rt/native'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Config } from '../config/config.ts'
import { DriverRegistry } from '../drivers/registry.ts'
import { Layout } from '../layout.ts'
import type { Context } from '../store/context.ts'
import { makeStore } from '../store/prepare.ts'
import { readRecord } from '../store/record.ts'
import { Networks } from './index.ts'
import { joinNetworks } from './join.ts'
import { resolveNetworks } from './resolve.ts'

/** What the driver was asked, in order. */
let asked: string[]
/** Leases that were not given back are files here. */
let leases: string
let directory: string
let context: Context
const lives: FileLock[] = []

const GREEDY = '10.0.0.0/8'

/** One whose networks have a subnet each, and whose leases are files. */
class SwitchDriver implements NetworkDriver {
  readonly namespace = 'new'
  probe = async () => ({ ok: true, detail: '' }) as const

  async define(wish: Parameters<NonNullable<NetworkDriver['define']>>[0], others: readonly NetworkDefinition[]) {
    asked.push(`define ${wish.name} beside ${others.map(({ name }) => name).join(' ') || 'none'}`)
    if (wish.subnets[0]?.subnet === GREEDY)
      throw new RtError('RT_NET_SUBNET_OVERLAP', 'The host routes 10.0.0.0/8 already', { remedy: 'Another one.' })
    const subnets = wish.subnets.map((subnet) => ({ gateway: subnet.subnet.replace(/\d+\/\d+$/, '1'), ...subnet }))
    return { ...wish, subnets: subnets.length > 0 ? subnets : [{ subnet: '10.1.0.0/16', gateway: '10.1.0.1' }] }
  }

  async setup({ container, network, ...request }: NetworkRequest): Promise<NetworkPlan> {
    const { interface: name = 'eth0', primary, ports, ip } = request
    asked.push(`setup ${network?.name ?? 'own'} ${name} ${primary} ${ip} ${ports?.length ?? 0}`)
    if (ip === '10.1.0.1') throw new RtError('RT_NET_ADDRESS_TAKEN', 'The gateway has 10.1.0.1')
    const lease = join(leases, `${network?.name ?? 'own'}-${container.id.slice(0, 4)}`)
    writeFileSync(lease, '')
    return {
      namespace: 'new',
      enter: [{ where: 'netns', op: 'link.set', name, up: true, why: '' }],
      leave: [{ where: 'host', op: 'file.remove', path: lease, why: '' }],
      attachment: {
        driver: 'switch',
        interfaces: [{ name, mac: '', mtu: 1500, addresses: ['10.1.0.2/16'] }],
        resolvConf: `nameserver of ${network?.name ?? 'own'}\n`,
      },
    }
  }

  async remove({ name }: NetworkDefinition) {
    asked.push(`remove ${name}`)
    return []
  }

  async look() {
    const device = { name: 'br0', addresses: ['fe80::1/64', '172.16.130.1/20'], ports: [] }
    return { way: 'nat' as const, device }
  }

  async reload(networks: readonly NetworkDefinition[]) {
    asked.push(`reload ${networks.map(({ name }) => name).join(' ')}`)
    return []
  }
}

const plain = (name: string, namespace: 'new' | 'host') =>
  class implements NetworkDriver {
    static readonly capabilities = { combine: false, addresses: false }
    readonly namespace = namespace
    probe = async () => ({ ok: true, detail: '' }) as const
    setup = async (): Promise<NetworkPlan> => ({
      namespace,
      enter: [],
      leave: [],
      attachment: { driver: name, interfaces: [] },
    })
  }

beforeEach(() => {
  asked = []
  directory = mkdtempSync(join(tmpdir(), 'rt-networks-'))
  leases = join(directory, 'leases')
  mkdirSync(leases)
  const layout = new Layout(join(directory, 'root'), join(directory, 'run'))
  makeStore(layout)
  const modules = (
    [
      ['bridge', SwitchDriver],
      ['host', plain('host', 'host')],
      ['none', plain('none', 'new')],
    ] as const
  ).map(([name, Driver]) => ({
    axis: 'network' as const,
    name,
    package: name,
    load: async () => ({ default: Driver }),
  }))
  const registry = new DriverRegistry(new Config([]), modules)
  context = { layout, registry, images: new ImageStore(join(directory, 'root')) }
})
afterEach(() => {
  for (const life of lives.splice(0)) life.release()
  rmSync(directory, { recursive: true })
})

const networks = (): Networks => new Networks(context)
const create = (name: string, more: Partial<Parameters<Networks['create']>[0]> = {}) =>
  networks().create({ name, subnets: [], internal: false, ipv6: false, options: {}, labels: {}, ...more })

const ID = 'abcd'.repeat(16)

/** A container with a record; `lives`: somebody holds its lock. */
const container = (name: string, connected: readonly string[], live: boolean): void => {
  const { layout } = context
  mkdirSync(layout.container(ID))
  const record = {
    id: ID,
    name,
    networks: connected.map((network) => ({
      name: network,
      driver: 'bridge',
      aliases: [],
      attachment: { interfaces: [] },
    })),
    request: { networks: connected.map((network) => ({ name: network })), dns: [] },
    spec: { hostname: 'abcd' },
  }
  writeFileSync(layout.record(ID), JSON.stringify(record))
  symlinkSync(ID, layout.name(name))
  if (!live) return
  mkdirSync(layout.run(ID))
  lives.push(lock(layout.lock(ID)))
}

const failure = (code: string, message: RegExp, exitCode?: number) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    ...(exitCode !== undefined && { exitCode }),
  })

describe('the store of networks', () => {
  it('keeps what the driver made of a wish, and tells it of the others', async () => {
    const { definition } = await create('web', { labels: { tier: 'front' }, options: { mtu: '1400' } })
    await create('db', { subnets: [{ subnet: '10.5.0.0/16' }] })
    expect(definition).toMatchObject({ name: 'web', options: { mtu: '1400' }, subnets: [{ gateway: '10.1.0.1' }] })
    expect(definition.id).toMatch(/^[0-9a-f]{64}$/)
    expect(asked).toEqual(['define web beside none', 'define db beside web'])
    const seen = await networks().inspect('web')
    expect(seen).toMatchObject({
      id: definition.id,
      driver: 'bridge',
      labels: { tier: 'front' },
      definition,
      users: [],
    })
    expect((await networks().inspect(definition.id.slice(0, 10))).name).toBe('web')
  })

  it.each([
    ['none', 'RT_NET_NAME_INVALID', /none/],
    ['container', 'RT_NET_NAME_INVALID', /container/],
    ['../etc', 'RT_NET_NAME_INVALID', /"\.\.\/etc"/],
    ['', 'RT_NET_NAME_INVALID', /""/],
    ['bridge', 'RT_NET_EXISTS', /bridge/],
  ])('refuses the name %j', async (name, code, message) => {
    await expect(create(name)).rejects.toEqual(failure(code, message, 1))
    expect(existsSync(context.layout.networks)).toBe(false)
  })

  it('refuses a name that is taken, an unknown driver, one without networks, and what the driver refuses', async () => {
    await create('web')
    await expect(create('web')).rejects.toEqual(failure('RT_NET_EXISTS', /web/, 1))
    await expect(create('a', { driver: 'brigde' })).rejects.toEqual(failure('RT_DRIVER_UNKNOWN', /"bridge"/, 1))
    await expect(create('a', { driver: 'host' })).rejects.toEqual(failure('RT_DRIVER_LACKS', /host/, 1))
    const greedy = create('a', { subnets: [{ subnet: GREEDY }] })
    await expect(greedy).rejects.toEqual(failure('RT_NET_SUBNET_OVERLAP', /routes/, 1))
    expect(readdirSync(context.layout.networks)).toEqual(['web.json'])
  })

  it('lists the drivers’ own as well, and filters', async () => {
    await create('web', { labels: { tier: 'front' } })
    const names = (...filters: string[]) =>
      networks()
        .list(networks().filters(filters))
        .map(({ name }) => name)
    expect(names()).toEqual(['bridge', 'host', 'none', 'web'])
    expect(names('driver=bridge')).toEqual(['bridge', 'web'])
    expect(names('type=custom')).toEqual(['web'])
    expect(names('label=tier=front')).toEqual(['web'])
    expect(names('name=e', 'type=builtin')).toEqual(['bridge', 'none'])
    expect(names('dangling=true')).toEqual(['web'])
    expect(() => names('colour=red')).toThrow(/no filter "colour"/)
    expect(await networks().inspect('bridge')).toMatchObject({
      id: networks().list()[0]?.id,
      subnets: [{ subnet: '172.16.128.0/20', gateway: '172.16.130.1' }],
    })
  })

  it('removes each by itself, and none that a live container has', async () => {
    await create('web')
    await create('db')
    container('shop', ['web'], true)
    const outcomes = await networks().remove(['web', 'bd', 'db', 'bridge'])
    expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error : outcome.name))).toEqual([
      failure('RT_NET_IN_USE', /web is in use by shop/, 1),
      failure('RT_NET_UNKNOWN', /Did you mean "db"/, 1),
      'db',
      failure('RT_NET_MODE', /bridge/, 1),
    ])
    expect(asked.at(-1)).toBe('remove db')
    expect((await networks().inspect('web')).users.map(({ record }) => record.name)).toEqual(['shop'])
  })

  it('prunes what no live container has', async () => {
    await create('web')
    await create('db')
    container('shop', ['web'], true)
    expect((await networks().prune()).map(({ name }) => name)).toEqual(['db'])
  })

  it('a container that does not run is in nobody’s way', async () => {
    await create('web')
    container('shop', ['web'], false)
    expect(await networks().remove(['web'])).toEqual([{ name: 'web', value: undefined }])
  })

  it('reload asks every driver that can, with its networks', async () => {
    await create('web')
    expect(await networks().reload()).toEqual(['bridge'])
    expect(asked.at(-1)).toBe('reload web')
  })
})

describe('a stopped container', () => {
  const recorded = () => readRecord(context.layout.record(ID))

  it('is connected from its next start on', async () => {
    await create('web')
    container('shop', ['bridge'], false)
    await networks().connect({ name: 'web', ip: '10.1.0.9', aliases: ['a'] }, 'shop')
    expect(recorded()?.request.networks).toEqual([{ name: 'bridge' }, { name: 'web', ip: '10.1.0.9', aliases: ['a'] }])
    expect(recorded()?.networks.map(({ name }) => name)).toEqual(['bridge', 'web'])
    expect(asked.filter((line) => line.startsWith('setup'))).toEqual([])
    const again = networks().connect({ name: 'web' }, 'shop')
    await expect(again).rejects.toEqual(failure('RT_NET_CONNECTED', /shop.*web/, 1))
    await networks().disconnect('bridge', 'shop', { force: false })
    await networks().disconnect('web', 'shop', { force: false })
    expect(recorded()).toMatchObject({ networks: [], request: { networks: [] } })
    const gone = networks().disconnect('web', 'shop', { force: false })
    await expect(gone).rejects.toEqual(failure('RT_NET_NOT_CONNECTED', /not connected to web/, 1))
  })

  it.each([
    ['host', 'bridge'],
    ['bridge', 'none'],
    ['none', 'bridge'],
  ])('of %s cannot have %s as well', async (has, wants) => {
    container('shop', [has], false)
    await expect(networks().connect({ name: wants }, 'shop')).rejects.toEqual(failure('RT_NET_MODE', /./, 1))
  })
})

describe('several networks of one container', () => {
  const identity = { id: ID, name: 'shop', hostname: 'shop' }
  const port = { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, containerPort: 80 } as const
  const join_ = async (...wishes: Parameters<typeof resolveNetworks>[2]) =>
    joinNetworks({
      container: identity,
      dns: [],
      networks: await resolveNetworks(context.layout, context.registry, wishes),
      ports: [port],
    })

  it('are one plan in one namespace: the first is the way out and has the ports', async () => {
    await create('web')
    const plan = await join_({ name: 'web', aliases: ['www'] }, { name: 'bridge', ip: '10.1.0.7' })
    expect(asked.slice(1)).toEqual(['setup web eth0 true undefined 1', 'setup own eth1 false 10.1.0.7 0'])
    expect(plan.enter).toHaveLength(2)
    expect(plan.leave).toHaveLength(2)
    expect(plan.attachment).toMatchObject({ resolvConf: 'nameserver of web\n' })
    expect(plan.attachment.interfaces.map(({ name }) => name)).toEqual(['eth0', 'eth1'])
    expect(plan.connected).toMatchObject([
      { name: 'web', driver: 'bridge', aliases: ['www'] },
      { name: 'bridge', driver: 'bridge', ip: '10.1.0.7' },
    ])
  })

  it('a single one is asked for as it always was', async () => {
    await join_({ name: 'bridge' })
    expect(asked).toEqual(['setup own eth0 undefined undefined 1'])
  })

  it('leases go back where a later network refuses', async () => {
    await create('web')
    await expect(join_({ name: 'web' }, { name: 'bridge', ip: '10.1.0.1' })).rejects.toEqual(
      failure('RT_NET_ADDRESS_TAKEN', /gateway/),
    )
    expect(readdirSync(leases)).toEqual([])
  })

  it.each([
    [[{ name: 'bridge' }, { name: 'host' }], 'RT_NET_MODE', /host cannot be combined/],
    [[{ name: 'none' }, { name: 'bridge' }], 'RT_NET_MODE', /none cannot be combined/],
    [[{ name: 'host', ip: '10.0.0.1' }], 'RT_NET_MODE', /10\.0\.0\.1/],
    [[{ name: 'bridge' }, { name: 'bridge' }], 'RT_NET_CONNECTED', /twice/],
    [[{ name: 'wbe' }], 'RT_NET_UNKNOWN', /"wbe"\. Did you mean "web"/],
  ])('%j does not go together', async (wishes, code, message) => {
    await create('web')
    await expect(resolveNetworks(context.layout, context.registry, wishes)).rejects.toEqual(failure(code, message, 125))
  })

  it('none at all: loopback is left', async () => {
    expect(await resolveNetworks(context.layout, context.registry, [])).toMatchObject([{ name: 'none' }])
  })
})
