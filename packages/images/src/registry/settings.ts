/** What the config says of one registry, by its host: `registries: { 'host:5000': { insecure: true } }`. */
export interface RegistrySettings {
  /** Asked before the registry itself, in order: `http://127.0.0.1:5000`, `mirror.example/prefix`. For pulling only. */
  readonly mirrors?: readonly string[]
  /** TLS certificates are not checked, and plain HTTP is taken where there is no TLS. */
  readonly insecure?: boolean
  /** A file with the certificates (PEM) that vouch for it, besides those that the machine trusts. */
  readonly ca?: string
}

/** How registries are reached. */
export interface RegistryAccess {
  readonly registries?: Readonly<Record<string, RegistrySettings>>
  /** For HOME, DOCKER_CONFIG, PATH and the proxies. */
  readonly env?: NodeJS.ProcessEnv
}
