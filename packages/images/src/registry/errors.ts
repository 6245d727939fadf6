import { RtError } from '@rt/driver-api'

/** A network failure of Node's in one short sentence for people. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const known = typeof code === 'string' ? REASONS[code] : undefined
  if (known !== undefined) return known
  // What happened at each address of a name: the last one says as much as all.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors.at(-1))
  return String(message ?? error)
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '')
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  ENETUNREACH: 'there is no route to it',
  EHOSTUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ECONNABORTED: 'the connection was cut',
}

const CUT = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

/** Whether it is the connection that failed, and not what was said over it. */
export const isConnectionError = (error: unknown): boolean => CUT.has(String((error as { code?: unknown }).code))

/** Whether the server speaks something else than HTTP, or TLS of another kind. */
export const isGarbled = (error: unknown): boolean =>
  /^(?:HPE_|EPROTO|ERR_SSL_|ERR_INVALID_)/.test(String((error as { code?: unknown }).code))

const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/

/** Whether TLS works and nobody vouches for who is there. */
export const isUntrusted = (error: unknown): boolean => UNTRUSTED.test(String((error as { code?: unknown }).code))

export const untrusted = (host: string, error: unknown): RtError =>
  new RtError('RT_REGISTRY_UNTRUSTED', `The certificate of ${host} is not trusted: ${reasonOf(error)}.`, {
    cause: error,
    remedy: `Name the certificate of its authority in the config (registries: { '${host}': { ca: FILE } }).`,
  })

export const denied = (host: string, repository: string, known: boolean): RtError =>
  new RtError(
    'RT_REGISTRY_DENIED',
    known
      ? `${host} denies access to ${repository}: the user that is logged in may not, or the password is wrong.`
      : `${host} denies access to ${repository}, or there is no such repository.`,
    { remedy: `Log in with: rt login ${host}` },
  )

/** What the registry wrote about its refusal, in its own words as far as they are text. */
export const refused = (host: string, what: string, status: number, body: string): RtError => {
  const said = wordsOf(body)
  return new RtError('RT_REGISTRY_REFUSED', `${host} refuses ${what}: HTTP ${status}${said === '' ? '' : `, ${said}`}.`)
}

const wordsOf = (body: string): string => {
  try {
    const { errors } = JSON.parse(body) as { errors?: readonly { code?: unknown; message?: unknown }[] }
    const [first] = errors ?? []
    return first === undefined ? '' : `${first.message ?? first.code}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
  } catch {
    // A proxy's or a web server's page: its status says enough.
    return ''
  }
}

export const invalid = (host: string, what: string, cause?: unknown): RtError =>
  new RtError('RT_REGISTRY_INVALID', `${host} sent ${what}.`, { cause })

export const wrongDigest = (host: string, digest: string, found: string): RtError =>
  new RtError('RT_REGISTRY_DIGEST', `${host} sent something else for ${digest}: ${found}.`)
