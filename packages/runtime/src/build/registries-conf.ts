import type { RegistrySettings, ServedStore } from '@rt/images'

/**
 * The registries.conf(5) by which buildah finds images as rt does: a short name is Docker Hub's, this store comes first, then the mirrors of
 * rt's config, then the registry itself.
 */
export const registriesConf = (
  settings: Readonly<Record<string, RegistrySettings>>,
  store: Pick<ServedStore, 'address' | 'domains'> | undefined,
): string => {
  const domains = [...new Set([...(store?.domains ?? []), ...Object.keys(settings)])].sort()
  return [
    'unqualified-search-registries = ["docker.io"]',
    ...domains.map((domain) => registry(domain, settings[domain], store)),
  ].join('\n')
}

const registry = (
  domain: string,
  { mirrors = [], insecure = false }: RegistrySettings = {},
  store: Pick<ServedStore, 'address' | 'domains'> | undefined,
): string => {
  const own = store?.domains.includes(domain) ? [mirror(`${store.address}/${domain}`, true)] : []
  const others = mirrors.map((text) =>
    mirror(text.replace(/^https?:\/\/|\/+$/g, ''), insecure || text.startsWith('http://')),
  )
  return [
    '[[registry]]',
    `prefix = ${JSON.stringify(domain)}`,
    `location = ${JSON.stringify(domain)}`,
    `insecure = ${insecure || isLoopback(domain)}`,
    ...own,
    ...others,
  ].join('\n')
}

const mirror = (location: string, insecure: boolean): string =>
  `[[registry.mirror]]\nlocation = ${JSON.stringify(location)}\ninsecure = ${insecure}`

/** May speak plain HTTP without being named, as in Docker. */
const isLoopback = (domain: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(domain)
