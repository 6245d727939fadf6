import { RtError } from '@rt/driver-api'

/** A parsed image name. Exactly Docker's grammar (github.com/distribution/reference), so that names mean the same everywhere. */
export interface ImageReference {
  /** Registry host, with its port where one was given: `docker.io`, `localhost:5000`. */
  readonly domain: string
  /** Repository path below the host: `library/busybox`. */
  readonly path: string
  /** Absent only where a digest is there instead. */
  readonly tag?: string
  /** `sha256:` and 64 hexadecimal digits, or another algorithm. */
  readonly digest?: string
}

export const DEFAULT_DOMAIN = 'docker.io'
export const OFFICIAL_PREFIX = 'library/'
const LEGACY_DOMAIN = 'index.docker.io'
const MAX_NAME = 255
const MAX_TAG = 128

/**
 * Reads `[host[:port]/]path[:tag][@digest]`. What Docker leaves out is filled in: `busybox` is `docker.io/library/busybox:latest`.
 * Errors: RT_IMAGE_REFERENCE, which names the offending character and its place (counted from 1).
 */
export const parseReference = (text: string): ImageReference => {
  if (text === '') throw new RtError('RT_IMAGE_REFERENCE', 'The image name is empty.')
  // A bare image id could never be told from a name; Docker refuses it as well.
  if (/^[0-9a-f]{64}$/.test(text))
    throw new RtError('RT_IMAGE_REFERENCE', `"${text}" is an image id, not an image name.`)

  const at = text.indexOf('@')
  const beforeDigest = at === -1 ? text : text.slice(0, at)
  const slash = beforeDigest.indexOf('/')
  const hasDomain = slash !== -1 && looksLikeDomain(beforeDigest.slice(0, slash))
  const pathStart = hasDomain ? slash + 1 : 0
  if (hasDomain) checkDomain(text, slash)

  const colon = beforeDigest.indexOf(':', pathStart)
  const pathEnd = colon === -1 ? beforeDigest.length : colon
  checkPath(text, pathStart, pathEnd)
  if (colon !== -1) checkTag(text, colon + 1, beforeDigest.length)
  if (at !== -1) checkDigest(text, at + 1)

  const typed = hasDomain ? text.slice(0, slash) : DEFAULT_DOMAIN
  const domain = typed === LEGACY_DOMAIN ? DEFAULT_DOMAIN : typed
  const short = text.slice(pathStart, pathEnd)
  const path = domain === DEFAULT_DOMAIN && !short.includes('/') ? OFFICIAL_PREFIX + short : short
  if (domain.length + 1 + path.length > MAX_NAME) {
    throw new RtError(
      'RT_IMAGE_REFERENCE',
      `The image name "${text.slice(0, 40)}…" has more than ${MAX_NAME} characters.`,
    )
  }
  const tag = colon === -1 ? (at === -1 ? 'latest' : undefined) : beforeDigest.slice(colon + 1)
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(at === -1 ? {} : { digest: text.slice(at + 1) }),
  }
}

/** `team/app` has no host, `host.example/app`, `localhost/app` and `host:5000/app` do; an upper-case first part cannot be a path. */
const looksLikeDomain = (part: string): boolean =>
  part === 'localhost' || /[.:]/.test(part) || part !== part.toLowerCase()

const fail = (text: string, index: number, rule: string): never => {
  const found =
    index < text.length ? `found ${JSON.stringify(String.fromCodePoint(text.codePointAt(index) ?? 0))}` : 'it ends'
  throw new RtError(
    'RT_IMAGE_REFERENCE',
    `"${text}" is not a valid image name: ${found} at character ${index + 1}, where ${rule}.`,
  )
}

const checkDomain = (text: string, end: number): void => {
  let index = 0
  if (text[0] === '[') {
    const close = text.indexOf(']')
    if (close === -1 || close > end) fail(text, 0, 'an IPv6 address must be closed by "]"')
    for (index = 1; index < close; index++) {
      if (!/[0-9a-fA-F:]/.test(text[index] ?? '')) fail(text, index, 'only hexadecimal digits and ":" may stand')
    }
    index = close + 1
  } else {
    const rule = 'each part of a host name begins and ends with a letter or digit'
    for (; index < end && text[index] !== ':'; index++) {
      const character = text[index] ?? ''
      if (!/[a-zA-Z0-9.-]/.test(character)) fail(text, index, 'a host name has only letters, digits, "." and "-"')
      const border = /[.-]/.test(character)
      const edge = index === 0 || index + 1 === end || text[index + 1] === ':'
      if (border && (edge || (character === '.' && /[.-]/.test(text[index - 1] ?? '')))) fail(text, index, rule)
      if (character === '-' && (text[index - 1] === '.' || text[index + 1] === '.')) fail(text, index, rule)
    }
    if (index === 0) fail(text, 0, 'a host name must stand')
  }
  if (index === end) return
  if (text[index] !== ':') fail(text, index, '":" and a port, or "/" must stand')
  if (index + 1 === end) fail(text, index + 1, 'a port number must stand')
  for (index++; index < end; index++) if (!/[0-9]/.test(text[index] ?? '')) fail(text, index, 'a port has only digits')
}

/** Components of lower-case letters and digits, joined inside by one `.`, one or two `_`, or any number of `-`. */
const checkPath = (text: string, start: number, end: number): void => {
  let component = start
  for (let index = start; index <= end; index++) {
    if (index === end || text[index] === '/') {
      if (index === component) fail(text, index, 'a part of the name must stand')
      component = index + 1
      continue
    }
    const character = text[index] ?? ''
    if (/[a-z0-9]/.test(character)) continue
    if (/[A-Z]/.test(character)) fail(text, index, 'letters are lower case')
    if (!/[._-]/.test(character)) fail(text, index, 'only lower-case letters, digits, ".", "_", "-" and "/" may stand')
    const separator = /^(?:\.|__?|-+)/.exec(text.slice(index, end))?.[0] ?? ''
    const next = text[index + separator.length] ?? ''
    if (index === component) fail(text, index, 'a part of the name begins with a letter or digit')
    if (index + separator.length >= end || next === '/')
      fail(text, index, 'a part of the name ends with a letter or digit')
    if (/[._-]/.test(next)) fail(text, index + separator.length, 'a letter or digit must follow')
    index += separator.length - 1
  }
}

const checkTag = (text: string, start: number, end: number): void => {
  if (start === end) fail(text, start, 'a tag must stand')
  for (let index = start; index < end; index++) {
    const character = text[index] ?? ''
    if (index === start && /[.-]/.test(character)) fail(text, index, 'a tag begins with a letter, digit or "_"')
    if (!/[\w.-]/.test(character)) fail(text, index, 'a tag has only letters, digits, "_", "." and "-"')
    if (index - start === MAX_TAG) fail(text, index, `a tag ends after at most ${MAX_TAG} characters`)
  }
}

const checkDigest = (text: string, start: number): void => {
  const algorithm = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:/.exec(text.slice(start))?.[0]
  if (algorithm === undefined) {
    fail(text, start, 'a digest such as "sha256:…" must stand')
    return
  }
  const hex = start + algorithm.length
  for (let index = hex; index < text.length; index++) {
    if (!/[0-9a-f]/.test(text[index] ?? '')) fail(text, index, 'a digest has only the digits 0-9 and a-f')
  }
  const length = text.length - hex
  const wanted = { 'sha256:': 64, 'sha384:': 96, 'sha512:': 128 }[algorithm]
  if (wanted === undefined ? length < 32 : length !== wanted) {
    fail(
      text,
      wanted !== undefined && length > wanted ? hex + wanted : text.length,
      `a digest has ${wanted ?? '32 or more'} digits`,
    )
  }
}
