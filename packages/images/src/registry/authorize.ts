import { type Challenge, parseChallenges } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import { invalid } from './errors.ts'
import { type Http, readAll } from './http.ts'

/** Tokens are small; a larger answer is somebody's web page. */
const MOST_TOKEN = 1 << 20

export interface Who {
  readonly host: string
  readonly http: Http
  readonly credentials: Credentials | undefined
  /** Plain HTTP to whoever hands out tokens would show the password. */
  readonly secure: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * The Authorization header that a 401 asks for; undefined: there is nothing more that could be said. `scope`: `repository:team/app:pull`.
 * Errors: RT_REGISTRY_INVALID, and the connection's.
 */
export const authorization = async (
  header: string | undefined,
  scope: string,
  who: Who,
): Promise<string | undefined> => {
  const challenges = parseChallenges(header)
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer !== undefined) return token(bearer, scope, who)
  const { credentials } = who
  if (!challenges.some(({ scheme }) => scheme === 'basic') || credentials === undefined) return undefined
  return 'username' in credentials ? basic(credentials.username, credentials.password) : undefined
}

const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Docker's token server: https://distribution.github.io/distribution/spec/auth/token/ */
const token = async ({ parameters }: Challenge, scope: string, who: Who): Promise<string | undefined> => {
  const { http, host, credentials, signal } = who
  const url = realm(parameters.realm, who)
  const service = parameters.service === undefined ? {} : { service: parameters.service }
  const common = { ...(signal && { signal }), url }
  let sent: ReturnType<Http['send']>
  if (credentials !== undefined && 'identityToken' in credentials) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.identityToken,
      client_id: 'rt',
      ...service,
      scope,
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    sent = http.send({ ...common, method: 'POST', headers, body: Buffer.from(form.toString()) })
  } else {
    for (const [key, value] of Object.entries(service)) url.searchParams.set(key, value)
    for (const one of scope === '' ? [] : scope.split(' ')) url.searchParams.append('scope', one)
    const headers =
      credentials === undefined ? {} : { authorization: basic(credentials.username, credentials.password) }
    sent = http.send({ ...common, method: 'GET', headers })
  }
  const { status, body } = await sent
  const text = await readAll(body, MOST_TOKEN)
  if (status === 401 || status === 403) return undefined
  if (status !== 200) throw invalid(url.host, `HTTP ${status} instead of a token for ${host}`)
  return `Bearer ${tokenOf(text, url.host)}`
}

const realm = (text: string | undefined, { host, secure, credentials }: Who): URL => {
  const url = URL.canParse(text ?? '') ? new URL(text ?? '') : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid(host, 'an address for tokens that is none')
  if (secure && url.protocol === 'http:' && credentials !== undefined)
    throw invalid(host, `${url.host} as the place for tokens, which the password would reach unencrypted`)
  return url
}

const tokenOf = (text: Buffer, host: string): string => {
  let answer: { token?: unknown; access_token?: unknown } | null = null
  try {
    answer = JSON.parse(text.toString('utf8'))
  } catch (error) {
    throw invalid(host, 'a token that is not JSON', error)
  }
  const value = answer?.token || answer?.access_token
  // Characters of RFC 6750; anything else could end the header.
  if (typeof value === 'string' && /^[\w.~+/=-]+$/.test(value)) return value
  throw invalid(host, 'no token')
}
