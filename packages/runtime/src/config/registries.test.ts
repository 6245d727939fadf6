import { expect, it } from 'vitest'
import { Config } from './config.ts'
import { fileLayer } from './layers.ts'

const layer = (registries: unknown, source = 'rt.yaml') => fileLayer({ registries }, source, () => [])
const MIRRORS = { mirrors: ['http://127.0.0.1:5000', 'mirror.example/prefix'] }

it('a registry has its settings by its host, and a later file replaces those of the same host', () => {
  const config = new Config([
    layer({ 'docker.io': MIRRORS, 'host:5000': { insecure: true } }),
    layer({ 'host:5000': { ca: '/etc/ca.pem' }, '[::1]:5000': { insecure: false } }),
  ])
  expect(config.registries()).toEqual({
    'docker.io': MIRRORS,
    'host:5000': { ca: '/etc/ca.pem' },
    '[::1]:5000': { insecure: false },
  })
})

it.each([
  [{ 'host:5000': { insecur: true } }, 'unknown key "registries.host:5000.insecur".', 'insecure'],
  [{ 'host:5000': { insecure: 'yes' } }, '"registries.host:5000.insecure" must be true or false', ''],
  [{ 'https://host': {} }, '"https://host" is not the host of a registry', ''],
  [{ 'docker.io': { mirrors: 'http://x' } }, '"registries.docker.io.mirrors" must be a list', ''],
  [{ 'docker.io': { mirrors: ['ftp://x'] } }, '"registries.docker.io.mirrors" must be a list', ''],
  [{ 'docker.io': { mirrors: ['http://user:password@x'] } }, '"registries.docker.io.mirrors" must be a list', ''],
  [{ host: { ca: 'ca.pem' } }, '"registries.host.ca" must be the absolute path', ''],
  [{ host: true }, '"registries.host" must be keys and values', ''],
  [[], '"registries" must be keys and values', ''],
])('%j is refused, with the file and the key', (registries, message, suggestion) => {
  const refused = () => layer(registries)
  expect(refused).toThrowError(expect.objectContaining({ code: 'RT_CONFIG_INVALID' }))
  expect(refused).toThrowError(`rt.yaml: ${message}`)
  expect(refused).toThrowError(suggestion)
})
