import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRtError, RtError } from '@rt/driver-api'
import { errorCode, runProgram } from '@rt/native'
import { DEFAULT_DOMAIN } from '../reference/parse.ts'

/** How somebody is known to a registry. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** A refresh token (`docker login` at a registry with OAuth 2). */
  | { readonly identityToken: string }

/** Docker's `config.json`, as far as it is about credentials; what else is in it is kept. */
export interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string; username?: string; password?: string }>
  /** A helper for everything: `docker-credential-<name>`. */
  credsStore?: string
  /** Helpers for single registries. */
  credHelpers?: Record<string, string>
  [key: string]: unknown
}

/** The key that Docker uses for its own registry. */
const DOCKER_KEY = 'https://index.docker.io/v1/'

export const serverKey = (host: string): string => (host === DEFAULT_DOMAIN ? DOCKER_KEY : host)

/** `$DOCKER_CONFIG/config.json`, by default in `~/.docker`; undefined: there is no home directory. */
export const dockerConfigPath = ({ DOCKER_CONFIG, HOME }: NodeJS.ProcessEnv): string | undefined =>
  DOCKER_CONFIG ? join(DOCKER_CONFIG, 'config.json') : HOME ? join(HOME, '.docker/config.json') : undefined

/** Errors: RT_REGISTRY_CREDENTIALS where it is not JSON. */
export const readDockerConfig = (env: NodeJS.ProcessEnv): DockerConfig => {
  const path = dockerConfigPath(env)
  if (path === undefined) return {}
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return {}
    throw unusable(path, `cannot be read (${(error as Error).message})`, error)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as DockerConfig
  } catch (error) {
    throw unusable(path, 'is not valid JSON', error)
  }
  throw unusable(path, 'holds no settings')
}

/** undefined: nobody is logged in there. Errors: RT_REGISTRY_CREDENTIALS. */
export const findCredentials = (host: string, env: NodeJS.ProcessEnv): Credentials | undefined => {
  const config = readDockerConfig(env)
  const key = serverKey(host)
  const helper = helperFor(config, host)
  if (helper !== undefined) {
    const found = askHelper(helper, key)
    if (found !== undefined) return found
  }
  const entry = Object.entries(config.auths ?? {}).find(([name]) => name === key || hostOf(name) === hostOf(key))?.[1]
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { identityToken: entry.identitytoken }
  if (entry.auth) return decode(entry.auth)
  return entry.username && entry.password ? { username: entry.username, password: entry.password } : undefined
}

export const helperFor = ({ credHelpers, credsStore }: DockerConfig, host: string): string | undefined =>
  credHelpers?.[host] ?? credHelpers?.[serverKey(host)] ?? (credsStore === '' ? undefined : credsStore)

/** `https://host/v1/` and `host` are one. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

const decode = (auth: string): Credentials | undefined => {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') }
}

const askHelper = (helper: string, key: string): Credentials | undefined => {
  const answer = runHelper(helper, 'get', key)
  if (/credentials not found/i.test(answer)) return undefined
  try {
    const { Username, Secret } = JSON.parse(answer) as { Username?: unknown; Secret?: unknown }
    if (typeof Username === 'string' && typeof Secret === 'string') {
      if (Secret === '') return undefined
      return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret }
    }
  } catch (error) {
    throw helperFailed(helper, answer.trim().split('\n')[0] || 'it says nothing', error)
  }
  throw helperFailed(helper, 'its answer has no name and secret')
}

/** The protocol of docker-credential-helpers: a word as argument, the rest on standard input, errors on standard output. */
export const runHelper = (helper: string, word: 'get' | 'store' | 'erase', input: string): string => {
  // It becomes part of a program's name; a slash would make it a path.
  if (!/^[A-Za-z0-9._-]+$/.test(helper)) throw helperFailed(helper, 'that is no name of one')
  const argv = [`docker-credential-${helper}`, word] as const
  try {
    // That it knows nobody is a failure of `get`, told in its answer.
    return runProgram({
      where: 'host',
      op: 'exec',
      argv,
      stdin: input,
      allowFailure: word === 'get',
      why: 'Credentials.',
    })
  } catch (error) {
    if (!isRtError(error)) throw error
    throw helperFailed(helper, error.message.replace(/\.$/, ''), error)
  }
}

const helperFailed = (helper: string, reason: string, cause?: unknown): RtError =>
  new RtError('RT_REGISTRY_CREDENTIALS', `The credential helper "${helper}" of Docker's config failed: ${reason}.`, {
    cause,
  })

const unusable = (path: string, reason: string, cause?: unknown): RtError =>
  new RtError('RT_REGISTRY_CREDENTIALS', `${path} ${reason}.`, { cause })
