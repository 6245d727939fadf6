import { DEFAULT_DOMAIN, type ImageReference } from '../reference/parse.ts'
import type { RegistryAccess, RegistrySettings } from './settings.ts'

/** One server that may have an image. */
export interface Endpoint {
  /** As the user knows it, with its port: for messages and credentials. */
  readonly host: string
  /** Tried in order: `https://host/v2/`, and plain HTTP where that is allowed. */
  readonly bases: readonly URL[]
  /** What comes before the repository's name there. */
  readonly prefix: string
  readonly verify: boolean
  readonly ca: string | undefined
}

/** Docker's name for its registry is another one than the server's. */
const HOSTS: Readonly<Record<string, string>> = { [DEFAULT_DOMAIN]: 'registry-1.docker.io' }

/** Where to pull from: the mirrors, then the registry itself. */
export const pullEndpoints = ({ domain }: Pick<ImageReference, 'domain'>, access: RegistryAccess): Endpoint[] => [
  ...(settingsOf(domain, access).mirrors ?? []).map((mirror) => mirrorEndpoint(mirror, access)),
  registryEndpoint(domain, access),
]

export const registryEndpoint = (domain: string, access: RegistryAccess): Endpoint =>
  endpoint(domain, HOSTS[domain] ?? domain, '', settingsOf(domain, access))

const mirrorEndpoint = (text: string, access: RegistryAccess): Endpoint => {
  const {
    scheme,
    host = '',
    path = '',
  } = /^(?:(?<scheme>https?):\/\/)?(?<host>[^/]*)\/?(?<path>.*)$/.exec(text)?.groups ?? {}
  const prefix = path.replace(/\/*$/, '')
  return endpoint(host, host, prefix === '' ? '' : `${prefix}/`, settingsOf(host, access), scheme)
}

const endpoint = (
  host: string,
  server: string,
  prefix: string,
  { insecure = false, ca }: RegistrySettings,
  scheme?: string,
): Endpoint => {
  // As Docker: what is on this machine needs no TLS.
  const plainToo = insecure || (ca === undefined && isLoopback(server))
  const schemes = scheme === undefined ? (plainToo ? ['https', 'http'] : ['https']) : [scheme]
  return { host, bases: schemes.map((name) => new URL(`${name}://${server}/v2/`)), prefix, verify: !insecure, ca }
}

const settingsOf = (host: string, { registries }: RegistryAccess): RegistrySettings =>
  registries !== undefined && Object.hasOwn(registries, host) ? (registries[host] ?? {}) : {}

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?$/.test(host)
