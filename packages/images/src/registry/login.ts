import { chmodSync, mkdirSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRtError, RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'
import { Registry } from './client.ts'
import {
  type DockerConfig,
  dockerConfigPath,
  helperFor,
  readDockerConfig,
  runHelper,
  serverKey,
} from './credentials.ts'
import { registryEndpoint } from './endpoints.ts'
import type { RegistryAccess } from './settings.ts'

export interface Login {
  /** `docker.io`, `host:5000` */
  readonly host: string
  readonly username: string
  readonly password: string
}

/**
 * Asks the registry whether it knows the user, and keeps name and password where Docker does: with a credential helper, or in its `config.json`.
 * Answers the file where they lie in readable form; undefined: a helper has them. Errors: RT_REGISTRY_*.
 */
export const logIn = async (
  { host, username, password }: Login,
  access: RegistryAccess,
): Promise<string | undefined> => {
  const registry = new Registry(registryEndpoint(host, access), access, undefined, { username, password })
  try {
    await registry.connect()
    await registry.read({ method: 'GET', to: '', what: 'a login', scope: '', repository: host }, [200])
  } catch (error) {
    if (!isRtError(error) || error.code !== 'RT_REGISTRY_DENIED') throw error
    throw new RtError('RT_REGISTRY_DENIED', `${host} does not accept that user name and password.`, {
      cause: error,
      remedy: 'Check both. Where the account has two factors, the password is a token that the registry gives out.',
    })
  } finally {
    registry.close()
  }
  return keep(host, username, password, access.env ?? {})
}

const keep = (host: string, username: string, password: string, env: NodeJS.ProcessEnv): string | undefined => {
  const config = readDockerConfig(env)
  const helper = helperFor(config, host)
  const key = serverKey(host)
  if (helper !== undefined) {
    runHelper(helper, 'store', JSON.stringify({ ServerURL: key, Username: username, Secret: password }))
    return undefined
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  return write({ ...config, auths: { ...config.auths, [key]: { auth } } }, env)
}

/** Answers whether anybody was logged in. Errors: RT_REGISTRY_CREDENTIALS. */
export const logOut = (host: string, env: NodeJS.ProcessEnv): boolean => {
  const config = readDockerConfig(env)
  const key = serverKey(host)
  const helper = helperFor(config, host)
  if (helper !== undefined) runHelper(helper, 'erase', key)
  const { [key]: found, ...others } = config.auths ?? {}
  if (found === undefined) return helper !== undefined
  write({ ...config, auths: others }, env)
  return true
}

/** A crash leaves the old file or the new one; a link, as dotfiles often are, stays one. */
const write = (config: DockerConfig, env: NodeJS.ProcessEnv): string => {
  const path = dockerConfigPath(env)
  if (path === undefined)
    throw new RtError(
      'RT_REGISTRY_CREDENTIALS',
      'There is no place to keep the password: neither HOME nor DOCKER_CONFIG is set.',
    )
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const target = linked(path)
  const draft = `${target}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 })
  // Also where a draft of a crash was there.
  chmodSync(draft, 0o600)
  renameSync(draft, target)
  return path
}

const linked = (path: string): string => {
  try {
    return realpathSync(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path
    throw error
  }
}
