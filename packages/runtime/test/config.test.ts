import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isRtError } from '@rt/driver-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Config } from '../src/config/config.ts'
import { environmentLayer, fileLayer, flagLayer } from '../src/config/layers.ts'
import { loadConfig } from '../src/load-config.ts'

const drivers = (axis: string) =>
  axis === 'network' ? ['bridge', 'none'] : axis === 'storage' ? ['overlay'] : ['namespaces']
const file = (content: unknown) => fileLayer(content, 'rt.yaml', drivers)
const refusal = (content: unknown): string => {
  try {
    file(content)
  } catch (error) {
    if (isRtError(error)) return `${error.code} ${error.message}`
  }
  return 'accepted'
}

describe('a config file', () => {
  it('names a driver in one line', () => {
    expect(new Config([file({ network: 'none' })]).driver('network')).toEqual({ value: 'none', source: 'rt.yaml' })
  })

  it('gives a driver options in a section', () => {
    const config = new Config([file({ network: { driver: 'bridge', bridge: { subnet: '10.0.0.0/8', mtu: 1400 } } })])
    expect(config.driver('network').value).toBe('bridge')
    expect(config.options('network', 'bridge')).toEqual({ subnet: '10.0.0.0/8', mtu: 1400 })
    expect(config.options('network', 'none')).toEqual({})
  })

  it('may be empty', () => expect(file(null).size).toBe(0))

  it.each([
    [{ netwrok: 'none' }, 'RT_CONFIG_INVALID rt.yaml: unknown key "netwrok". Did you mean "network"?'],
    [{ network: { brige: {} } }, 'RT_CONFIG_INVALID rt.yaml: unknown key "network.brige". Did you mean "bridge"?'],
    [
      { network: { bridge: 'x' } },
      'RT_CONFIG_INVALID rt.yaml: "network.bridge" must hold the driver\'s options as keys and values',
    ],
    [{ network: 7 }, 'RT_CONFIG_INVALID rt.yaml: "network" must be a text, not 7'],
    [{ root: { a: 1 } }, 'RT_CONFIG_INVALID rt.yaml: "root" must be a text, not {"a":1}'],
    [['network'], 'RT_CONFIG_INVALID rt.yaml does not hold keys and values'],
  ])('%j is refused: %s', (content, message) => expect(refusal(content)).toBe(message))
})

describe('the environment', () => {
  it('sets drivers, roots and options, and is silent about what is not ours', () => {
    const config = new Config([
      environmentLayer({
        RT_NETWORK: 'none',
        RT_RUN_ROOT: '/r',
        RT_NETWORK_BRIDGE_MTU: '1400',
        RT_NETWORK_BRIDGE_MASQUERADE: 'false',
        RT_STORAGE: '',
        RT_SHIM: '/x',
        HOME: '/root',
      }),
    ])
    expect(config.driver('network')).toEqual({ value: 'none', source: 'RT_NETWORK' })
    expect(config.driver('storage')).toEqual({ value: 'overlay', source: 'default' })
    expect(config.runRoot).toBe('/r')
    expect(config.options('network', 'bridge')).toEqual({ mtu: 1400, masquerade: false })
  })
})

describe('loadConfig', () => {
  let home: string
  beforeAll(async () => {
    home = mkdtempSync('/tmp/rt-config-')
    await mkdir(join(home, 'xdg/rt'), { recursive: true })
    await mkdir(join(home, 'here'))
    writeFileSync(join(home, 'xdg/rt/config.yaml'), 'network: none\nstorage: overlay\n')
    writeFileSync(join(home, 'here/rt.yaml'), 'network: bridge\n')
  })
  afterAll(() => rmSync(home, { recursive: true }))
  const load = (env: NodeJS.ProcessEnv = {}, flags: Record<string, string | undefined> = {}) =>
    loadConfig({ env: { XDG_CONFIG_HOME: join(home, 'xdg'), ...env }, cwd: join(home, 'here'), flags, drivers })

  it('lets the nearer file win, then the environment, then flags', async () => {
    expect((await load()).driver('network')).toEqual({ value: 'bridge', source: join(home, 'here/rt.yaml') })
    expect((await load({ RT_NETWORK: 'host' })).driver('network')).toEqual({ value: 'host', source: 'RT_NETWORK' })
    expect((await load({ RT_NETWORK: 'host' }, { network: 'none', storage: undefined })).entries()).toContainEqual([
      'network',
      { value: 'none', source: '--network' },
    ])
    expect(flagLayer({ network: undefined }).size).toBe(0)
  })

  it('says which file is not YAML', async () => {
    writeFileSync(join(home, 'here/rt.yaml'), 'network: [')
    await expect(load()).rejects.toMatchObject({ code: 'RT_CONFIG_INVALID' })
  })
})
